import { useCallback, useEffect, useState } from 'react'
import { profile as api } from '../api/index.js'
import { showDay } from '../dates.js'
import { useAnnounce } from '../ui/Announcement.jsx'
import { Field } from '../ui/Field.jsx'
import { Form } from '../ui/Form.jsx'
import { Page } from '../ui/Page.jsx'
import { useForm } from '../ui/useForm.js'

export function Profile() {
  const [profile, setProfile] = useState(null)
  const [error, setError] = useState(null)

  const load = useCallback(() => {
    setError(null)
    api.get().then(setProfile, setError)
  }, [])
  useEffect(load, [load])

  return (
    <Page title="Profile">
      {error && (
        <div role="alert" className="failure">
          <p>{error.message}</p>
          <button type="button" onClick={load}>
            Try again
          </button>
        </div>
      )}
      {!profile && !error && <p className="quiet-text">Loading your profile</p>}
      {profile && <Details profile={profile} onSaved={setProfile} />}
    </Page>
  )
}

function Details({ profile, onSaved }) {
  const announce = useAnnounce()
  const form = useForm({
    initial: { name: profile.name ?? '' },
    check: ({ name }) => (name.trim() ? {} : { name: 'Enter your name.' }),
    submit: async ({ name }) => {
      const saved = await api.update(name.trim())
      form.set('name', saved.name)
      onSaved(saved)
      announce('Profile saved')
    },
  })
  return (
    <div className="card">
      <dl className="facts">
        <div>
          <dt>Email</dt>
          <dd>{profile.email}</dd>
        </div>
        <div>
          <dt>Member since</dt>
          <dd>{showDay(profile.createdAt)}</dd>
        </div>
      </dl>
      <Form form={form} label="Profile" submitLabel="Save">
        <Field form={form} name="name" label="Name" autoComplete="name" maxLength={100} required />
      </Form>
    </div>
  )
}
