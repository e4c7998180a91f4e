import { PASSWORD_RULES } from '../validation.js'
import { PasswordField } from './Field.jsx'

/** A password being chosen: the policy in words before it, and what is still missing below it. */
export function NewPasswordField({ form, ...rest }) {
  const { password } = form.values
  return (
    <PasswordField
      form={form}
      autoComplete="new-password"
      hint="At least 12 characters, with a lower-case letter, an upper-case letter, a number and a symbol."
      {...rest}
    >
      <ul className="rules" aria-label="Password rules">
        {PASSWORD_RULES.map(({ name, met }) => (
          <li key={name} data-met={met(password)}>
            {name}
            <span className="visually-hidden">{met(password) ? ': met' : ': not met yet'}</span>
          </li>
        ))}
      </ul>
    </PasswordField>
  )
}
