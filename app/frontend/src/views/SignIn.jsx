import { ApiError } from '../api/http.js'
import { signIn } from '../api/session.js'
import { Link } from '../router.jsx'
import { EmailField, PasswordField } from '../ui/Field.jsx'
import { Form } from '../ui/Form.jsx'
import { Page } from '../ui/Page.jsx'
import { useForm } from '../ui/useForm.js'
import { checkFields } from '../validation.js'

const WRONG = 'The email or the password is not right.'

// Where an account that cannot sign in yet goes on, by the type of the API's problem.
const NEXT_STEP = {
  'urn:prodready-infra:problem:email-not-confirmed': '/confirm',
  'urn:prodready-infra:problem:password-reset-required': '/reset',
}

export function SignIn({ email, setEmail, notice, goTo, onSignedIn }) {
  const form = useForm({
    initial: { email, password: '' },
    check: checkFields({ email: 'email', password: 'password' }),
    submit: async (values) => {
      const address = values.email.trim()
      setEmail(address)
      try {
        await signIn(address, values.password)
      } catch (error) {
        if (error.type in NEXT_STEP) return goTo(NEXT_STEP[error.type], error.message)
        throw error.status === 401 ? new ApiError(401, WRONG) : error
      }
      onSignedIn()
    },
  })
  return (
    <Page title="Sign in" notice={notice}>
      <div className="card">
        <Form form={form} label="Sign in" submitLabel="Sign in">
          <EmailField form={form} />
          <PasswordField form={form} autoComplete="current-password" />
        </Form>
      </div>
      <ul className="links">
        <li>
          <Link to="/register">Create an account</Link>
        </li>
        <li>
          <Link to="/forgot">Forgot your password?</Link>
        </li>
        <li>
          <Link to="/confirm">Confirm your email</Link>
        </li>
      </ul>
    </Page>
  )
}
