import '@testing-library/jest-dom/vitest'
import { cleanup, configure } from '@testing-library/react'
import { afterEach } from 'vitest'

// What is waited for comes within milliseconds on an idle machine.
configure({ asyncUtilTimeout: 30_000 })

afterEach(() => {
  cleanup()
  sessionStorage.clear()
})

// jsdom has no modal dialogs. This much of one is enough here; the browser test has the real one.
HTMLDialogElement.prototype.showModal = function showModal() {
  this.open = true
}
HTMLDialogElement.prototype.close = function close() {
  if (!this.open) return
  this.open = false
  this.dispatchEvent(new Event('close'))
}
window.scrollTo = () => {}
