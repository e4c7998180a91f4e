import { useId, useLayoutEffect, useRef, useState } from 'react'

/** A modal question. The browser keeps the focus inside, closes it by Escape and gives the focus back. */
export function ConfirmDialog({ title, confirmLabel, onConfirm, onCancel, children }) {
  const id = useId()
  const dialog = useRef(null)
  const [failure, setFailure] = useState(null)
  const [pending, setPending] = useState(false)

  useLayoutEffect(() => {
    const shown = dialog.current
    shown.showModal()
    return () => shown.close()
  }, [])

  const confirm = async () => {
    if (pending) return
    setPending(true)
    setFailure(null)
    try {
      await onConfirm()
    } catch (error) {
      setFailure(error.message)
      setPending(false)
    }
  }

  return (
    <dialog ref={dialog} aria-labelledby={`${id}-title`} aria-describedby={`${id}-text`} onClose={onCancel}>
      <h2 id={`${id}-title`}>{title}</h2>
      <div id={`${id}-text`}>{children}</div>
      {failure && (
        <p role="alert" className="failure">
          {failure}
        </p>
      )}
      <div className="actions">
        <button type="button" className="danger" aria-disabled={pending} onClick={confirm}>
          {confirmLabel}
        </button>
        <button type="button" onClick={() => dialog.current.close()}>
          Keep it
        </button>
      </div>
    </dialog>
  )
}
