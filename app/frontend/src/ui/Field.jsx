import { useId, useState } from 'react'

/** A labelled input with its hint and its error, both read out with it. */
export function Field({ form, name, label, hint, as: Input = 'input', inputRef, beside, children, ...rest }) {
  const id = useId()
  const error = form.errors[name]
  const describedBy = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ')
  return (
    <div className="field">
      <label htmlFor={id}>
        {label}
        {!rest.required && <span className="optional"> (optional)</span>}
      </label>
      {hint && (
        <p id={`${id}-hint`} className="hint">
          {hint}
        </p>
      )}
      <div className="control">
        <Input
          id={id}
          ref={inputRef}
          name={name}
          value={form.values[name]}
          onChange={(event) => form.set(name, event.target.value)}
          aria-invalid={error ? true : undefined}
          aria-describedby={describedBy || undefined}
          {...rest}
        />
        {beside}
      </div>
      {error && (
        <p id={`${id}-error`} className="error">
          {error}
        </p>
      )}
      {children}
    </div>
  )
}

export function EmailField(props) {
  return (
    <Field
      name="email"
      label="Email"
      type="email"
      inputMode="email"
      autoComplete="username"
      autoCapitalize="none"
      spellCheck={false}
      required
      {...props}
    />
  )
}

export function CodeField(props) {
  return <Field name="code" label="Code" inputMode="numeric" autoComplete="one-time-code" maxLength={10} required {...props} />
}

export function PasswordField(props) {
  const [shown, setShown] = useState(false)
  const toggle = (
    <button type="button" className="reveal" aria-label="Show password" aria-pressed={shown} onClick={() => setShown(!shown)}>
      {shown ? 'Hide' : 'Show'}
    </button>
  )
  return <Field name="password" label="Password" type={shown ? 'text' : 'password'} required beside={toggle} {...props} />
}
