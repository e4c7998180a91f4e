/** The form around a `useForm`; `explain(error)` may add a way out to the message of a failure. */
export function Form({ form, label, submitLabel, explain, actions, children }) {
  const { ref, failure, pending, onSubmit } = form
  return (
    <form ref={ref} onSubmit={onSubmit} noValidate aria-label={label} aria-busy={pending}>
      {failure && (
        <div role="alert" tabIndex={-1} className="failure">
          <p>{failure.message}</p>
          {explain?.(failure)}
        </div>
      )}
      {children}
      <div className="actions">
        {/* Not `disabled` while pending: that would drop the focus. */}
        <button type="submit" className="primary" aria-disabled={pending}>
          {submitLabel}
        </button>
        {actions}
      </div>
    </form>
  )
}
