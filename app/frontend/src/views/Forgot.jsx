import { auth } from '../api/index.js'
import { Link } from '../router.jsx'
import { EmailField } from '../ui/Field.jsx'
import { Form } from '../ui/Form.jsx'
import { Page } from '../ui/Page.jsx'
import { useForm } from '../ui/useForm.js'
import { checkFields } from '../validation.js'

export function Forgot({ email, setEmail, goTo }) {
  const form = useForm({
    initial: { email },
    check: checkFields({ email: 'email' }),
    submit: async (values) => {
      const address = values.email.trim()
      await auth.forgot(address)
      setEmail(address)
      // The same words whether or not the account exists.
      goTo('/reset', `If ${address} has an account, a code is on its way. If it was never confirmed, that code confirms it first.`)
    },
  })
  return (
    <Page title="Forgot your password?">
      <div className="card">
        <Form form={form} label="Forgot your password" submitLabel="Send a code">
          <EmailField form={form} hint="We send a code to this address to set a new password." />
        </Form>
      </div>
      <ul className="links">
        <li>
          <Link to="/reset">I have a code</Link>
        </li>
        <li>
          <Link to="/sign-in">Back to sign in</Link>
        </li>
      </ul>
    </Page>
  )
}
