import { useSyncExternalStore } from 'react'

const NAVIGATED = 'navigated'

export function navigate(path, { replace = false } = {}) {
  if (path !== location.pathname) history[replace ? 'replaceState' : 'pushState'](null, '', path)
  window.dispatchEvent(new Event(NAVIGATED))
  window.scrollTo(0, 0)
}

export function usePath() {
  return useSyncExternalStore(subscribe, () => location.pathname)
}

function subscribe(listener) {
  window.addEventListener('popstate', listener)
  window.addEventListener(NAVIGATED, listener)
  return () => {
    window.removeEventListener('popstate', listener)
    window.removeEventListener(NAVIGATED, listener)
  }
}

/** An ordinary link, followed without loading the page again; new tabs and windows still work. */
export function Link({ to, children, ...rest }) {
  const current = usePath() === to ? 'page' : undefined
  const follow = (event) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    navigate(to)
  }
  return (
    <a href={to} aria-current={current} onClick={follow} {...rest}>
      {children}
    </a>
  )
}
