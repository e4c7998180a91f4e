import { Component } from 'react'

/** Keeps an error in one view from leaving an empty page. */
export class CrashGuard extends Component {
  state = { crashed: false }

  static getDerivedStateFromError() {
    return { crashed: true }
  }

  render() {
    if (!this.state.crashed) return this.props.children
    return (
      <div role="alert" className="card">
        <h1 tabIndex={-1}>Something went wrong</h1>
        <p>This page stopped working. Your saved items are safe.</p>
        <button type="button" onClick={() => location.reload()}>
          Reload the page
        </button>
      </div>
    )
  }
}
