import { auth } from '../api/index.js'
import { Link } from '../router.jsx'
import { EmailField, Field } from '../ui/Field.jsx'
import { Form } from '../ui/Form.jsx'
import { NewPasswordField } from '../ui/NewPasswordField.jsx'
import { Page } from '../ui/Page.jsx'
import { useForm } from '../ui/useForm.js'
import { checkFields } from '../validation.js'

export function Register({ email, setEmail, goTo }) {
  const form = useForm({
    initial: { name: '', email, password: '' },
    check: checkFields({ email: 'email', password: 'newPassword' }),
    submit: async ({ name, email, password }) => {
      const address = email.trim()
      await auth.register({ email: address, password, ...(name.trim() && { name: name.trim() }) })
      setEmail(address)
      // The same words whether or not there was an account.
      goTo('/confirm', `We sent a code to ${address}, unless it has an account: then sign in.`)
    },
  })
  return (
    <Page title="Create an account">
      <div className="card">
        <Form form={form} label="Create an account" submitLabel="Create account">
          <Field form={form} name="name" label="Name" autoComplete="name" maxLength={100} />
          <EmailField form={form} />
          <NewPasswordField form={form} />
        </Form>
      </div>
      <ul className="links">
        <li>
          Already registered? <Link to="/sign-in">Sign in</Link>
        </li>
      </ul>
    </Page>
  )
}
