import { useEffect } from 'react'

/** A view's heading and document title; the heading takes the focus when the view replaces another. */
export function Page({ title, notice, children }) {
  useEffect(() => {
    document.title = `${title} - ProdReady`
  }, [title])

  return (
    <>
      <h1 tabIndex={-1} aria-describedby={notice ? 'notice' : undefined}>
        {title}
      </h1>
      {notice && (
        <p id="notice" className="notice">
          {notice}
        </p>
      )}
      {children}
    </>
  )
}
