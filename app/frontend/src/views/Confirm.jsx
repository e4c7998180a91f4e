import { auth } from '../api/index.js'
import { Link } from '../router.jsx'
import { CodeField, EmailField } from '../ui/Field.jsx'
import { Form } from '../ui/Form.jsx'
import { Page } from '../ui/Page.jsx'
import { useForm } from '../ui/useForm.js'
import { checkFields } from '../validation.js'

export function Confirm({ email, setEmail, notice, goTo }) {
  const form = useForm({
    initial: { email, code: '' },
    check: checkFields({ email: 'email', code: 'code' }),
    submit: async (values) => {
      const address = values.email.trim()
      await auth.confirm(address, values.code.trim())
      setEmail(address)
      goTo('/sign-in', 'Your email is confirmed. Sign in to start.')
    },
  })
  return (
    <Page title="Confirm your email" notice={notice}>
      <div className="card">
        <Form form={form} label="Confirm your email" submitLabel="Confirm">
          <EmailField form={form} />
          <CodeField form={form} hint="It is in the email we sent you. Look in the spam folder too." />
        </Form>
      </div>
      <ul className="links">
        <li>
          <Link to="/sign-in">Back to sign in</Link>
        </li>
      </ul>
    </Page>
  )
}
