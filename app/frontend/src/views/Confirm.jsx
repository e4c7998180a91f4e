import { auth } from '../api/index.js'
import { Link } from '../router.jsx'
import { useAnnounce } from '../ui/Announcement.jsx'
import { CodeField, EmailField } from '../ui/Field.jsx'
import { Form } from '../ui/Form.jsx'
import { Page } from '../ui/Page.jsx'
import { useForm } from '../ui/useForm.js'
import { checkFields } from '../validation.js'

export function Confirm({ email, setEmail, notice, goTo }) {
  const announce = useAnnounce()
  const form = useForm({
    initial: { email, code: '' },
    check: checkFields({ email: 'email', code: 'code' }),
    submit: async (values) => {
      const address = values.email.trim()
      await auth.confirm(address, values.code.trim())
      setEmail(address)
      goTo('/sign-in', 'Your email is confirmed. Sign in to start. If you registered more than once, the first password counts.')
    },
  })
  const sendNewCode = () =>
    form.attempt(checkFields({ email: 'email' }), async ({ email }) => {
      const address = email.trim()
      await auth.resend(address)
      setEmail(address)
      form.set('code', '')
      // The same words whether or not the account exists.
      announce(`If ${address} waits for a code, a new one is on its way. Earlier codes no longer work.`)
    })
  const newCode = (
    <button type="button" aria-disabled={form.pending} onClick={sendNewCode}>
      Send a new code
    </button>
  )
  return (
    <Page title="Confirm your email" notice={notice}>
      <div className="card">
        <Form form={form} label="Confirm your email" submitLabel="Confirm" actions={newCode}>
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
