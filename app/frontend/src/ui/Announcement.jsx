import { createContext, useCallback, useContext, useEffect, useState } from 'react'

const SHOWN_MS = 6_000
const Announcement = createContext(() => {})

/** `announce(text)`: says what just happened, on screen and to screen readers. */
export const useAnnounce = () => useContext(Announcement)

/** What was said about one `view` is not shown in the next. */
export function AnnouncementProvider({ view, children }) {
  const [message, setMessage] = useState(null)
  // A new object each time, so the same words twice are said twice.
  const announce = useCallback((text) => setMessage({ text, key: Date.now() }), [])

  useEffect(() => setMessage(null), [view])

  useEffect(() => {
    if (!message) return undefined
    const timer = setTimeout(() => setMessage(null), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [message])

  return (
    <Announcement value={announce}>
      {children}
      <div role="status" className="announcement">
        {message && <p key={message.key}>{message.text}</p>}
      </div>
    </Announcement>
  )
}
