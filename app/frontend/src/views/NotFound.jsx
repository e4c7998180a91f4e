import { Link } from '../router.jsx'
import { Page } from '../ui/Page.jsx'

export function NotFound() {
  return (
    <Page title="Page not found">
      <p>There is nothing at this address.</p>
      <p>
        <Link to="/">Go to the start</Link>
      </p>
    </Page>
  )
}
