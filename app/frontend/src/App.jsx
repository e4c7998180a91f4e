import { useEffect, useRef, useState } from 'react'
import { isSignedIn, onSessionEnd, signOut } from './api/session.js'
import { Link, navigate, usePath } from './router.jsx'
import { AnnouncementProvider } from './ui/Announcement.jsx'
import { CrashGuard } from './ui/CrashGuard.jsx'
import { Confirm } from './views/Confirm.jsx'
import { Forgot } from './views/Forgot.jsx'
import { Items } from './views/Items.jsx'
import { NotFound } from './views/NotFound.jsx'
import { Profile } from './views/Profile.jsx'
import { Register } from './views/Register.jsx'
import { Reset } from './views/Reset.jsx'
import { SignIn } from './views/SignIn.jsx'

const PRIVATE = { '/': Items, '/profile': Profile }
const PUBLIC = { '/sign-in': SignIn, '/register': Register, '/confirm': Confirm, '/forgot': Forgot, '/reset': Reset }

export default function App() {
  const path = usePath()
  const [signedIn, setSignedIn] = useState(isSignedIn)
  // What one signed-out view hands to the next: never in the address, which servers log.
  const [email, setEmail] = useState('')
  const [notice, setNotice] = useState({}) // {view, message}

  useEffect(
    () =>
      onSessionEnd((message) => {
        setSignedIn(false)
        setNotice({ view: '/sign-in', message })
      }),
    [],
  )

  const enter = () => {
    setNotice({})
    setSignedIn(true)
    if (path in PUBLIC) navigate('/', { replace: true })
  }
  const leave = () => {
    signOut()
    navigate('/sign-in')
  }
  const goTo = (view, message) => {
    setNotice({ view, message })
    navigate(view)
  }

  // A private address keeps its place: signing in there shows what was asked for.
  const [name, View] = choose(path, signedIn)
  const main = useFocusOnChange(name)

  return (
    <AnnouncementProvider view={name}>
      <a className="skip-link" href="#main">
        Skip to content
      </a>
      <Header signedIn={signedIn} onSignOut={leave} />
      <main id="main" ref={main} tabIndex={-1} className={signedIn ? 'wide' : 'narrow'}>
        <CrashGuard key={name}>
          <View {...{ email, setEmail, goTo }} notice={notice.view === name ? notice.message : null} onSignedIn={enter} />
        </CrashGuard>
      </main>
    </AnnouncementProvider>
  )
}

function choose(path, signedIn) {
  if (signedIn && path in PUBLIC) return ['/', Items]
  if (path in PRIVATE) return signedIn ? [path, PRIVATE[path]] : ['/sign-in', SignIn]
  if (path in PUBLIC) return [path, PUBLIC[path]]
  return ['not-found', NotFound]
}

/** Moves the focus to the heading of a view that replaces another, as a new page would be read. */
function useFocusOnChange(name) {
  const main = useRef(null)
  const shown = useRef(name)
  useEffect(() => {
    if (shown.current === name) return
    shown.current = name
    main.current.querySelector('h1')?.focus()
  }, [name])
  return main
}

function Header({ signedIn, onSignOut }) {
  return (
    <header className="site-header">
      <div className="site-header-inner">
        <Link to="/" className="brand">
          <img src="/favicon.svg" alt="" width="28" height="28" />
          <span className="brand-name">ProdReady</span>
        </Link>
        {signedIn && (
          <nav aria-label="Main">
            <Link to="/">Items</Link>
            <Link to="/profile">Profile</Link>
            <button type="button" className="quiet" onClick={onSignOut}>
              Sign out
            </button>
          </nav>
        )}
      </div>
    </header>
  )
}
