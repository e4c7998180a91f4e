import { auth } from '../api/index.js'
import { Link } from '../router.jsx'
import { CodeField, EmailField } from '../ui/Field.jsx'
import { Form } from '../ui/Form.jsx'
import { NewPasswordField } from '../ui/NewPasswordField.jsx'
import { Page } from '../ui/Page.jsx'
import { useForm } from '../ui/useForm.js'
import { checkFields } from '../validation.js'

export function Reset({ email, setEmail, notice, goTo }) {
  const form = useForm({
    initial: { email, code: '', password: '' },
    check: checkFields({ email: 'email', code: 'code', password: 'newPassword' }),
    submit: async (values) => {
      const address = values.email.trim()
      await auth.reset(address, values.code.trim(), values.password)
      setEmail(address)
      goTo('/sign-in', 'Your password is changed. Sign in with the new one.')
    },
  })
  return (
    <Page title="Set a new password" notice={notice}>
      <div className="card">
        <Form form={form} label="Set a new password" submitLabel="Change password">
          <EmailField form={form} />
          <CodeField form={form} />
          <NewPasswordField form={form} label="New password" />
        </Form>
      </div>
      <ul className="links">
        <li>
          <Link to="/forgot">Send another code</Link>
        </li>
        <li>
          Never confirmed? <Link to="/confirm">Confirm your email</Link> first
        </li>
        <li>
          <Link to="/sign-in">Back to sign in</Link>
        </li>
      </ul>
    </Page>
  )
}
