import { useEffect, useRef, useState } from 'react'
import { ApiError } from '../../api/http.js'
import { showDay } from '../../dates.js'
import { useAnnounce } from '../../ui/Announcement.jsx'
import { ConfirmDialog } from '../../ui/ConfirmDialog.jsx'
import { ItemForm } from './ItemForm.jsx'

const GONE = 'This item no longer exists'
const CONFLICT = 'This item was changed elsewhere since you opened it. Load its latest version; what you typed here is replaced.'

/** One item: ticked off, edited in place, or deleted after a question. `onGone(message)` says it left the list. */
export function ItemRow({ item, items, onGone }) {
  const announce = useAnnounce()
  const [editing, setEditing] = useState(false)
  const [deleting, setDeleting] = useState(false)
  const [ticking, setTicking] = useState(null) // what the box already shows while it is being saved
  const editButton = useFocusAfter(editing)

  const loadLatest = async (message) => {
    await items.refresh(item)
    setEditing(false)
    announce(message)
  }

  /** Tells of an error that no form shows. */
  const report = (error) => (error.status === 404 ? onGone(GONE) : announce(error.message))

  const toggle = async () => {
    if (ticking !== null) return
    setTicking(!item.done)
    try {
      await items.update(item, { done: !item.done })
      announce(item.done ? `${item.title} is open again` : `${item.title} is done`)
    } catch (error) {
      if (error.status !== 409) report(error)
      else await loadLatest(`${item.title} was changed elsewhere; this is its latest version`).catch(report)
    } finally {
      setTicking(null)
    }
  }

  const save = async (changes) => {
    try {
      await items.update(item, changes)
    } catch (error) {
      if (error.status === 404) return onGone(GONE)
      throw error.status === 409 ? new ApiError(409, CONFLICT) : error
    }
    setEditing(false)
    announce('Item saved')
  }

  const remove = async () => {
    await items.remove(item).catch((error) => {
      if (error.status !== 404) throw error
    })
    onGone('Item deleted')
  }

  if (editing) {
    return (
      <li className="item" onKeyDown={(event) => event.key === 'Escape' && setEditing(false)}>
        <ItemForm
          item={item}
          label={`Edit ${item.title}`}
          submitLabel="Save"
          titleRef={focusOnMount}
          onSubmit={save}
          explain={(error) =>
            error.status === 409 && (
              <button type="button" onClick={() => loadLatest('This is the latest version').catch(report)}>
                Load the latest version
              </button>
            )
          }
          actions={
            <button type="button" onClick={() => setEditing(false)}>
              Cancel
            </button>
          }
        />
      </li>
    )
  }

  return (
    <li className="item" data-done={item.done}>
      <label className="item-title">
        <input type="checkbox" checked={ticking ?? item.done} onChange={toggle} aria-busy={ticking !== null} />
        <span>{item.title}</span>
      </label>
      {item.notes && <p className="item-notes">{item.notes}</p>}
      <p className="item-dates">
        Updated {showDay(item.updatedAt)}
        {item.expirationTime && `, expires ${showDay(item.expirationTime)}`}
      </p>
      <div className="item-actions">
        <button type="button" className="quiet" aria-label={`Edit ${item.title}`} ref={editButton} onClick={() => setEditing(true)}>
          Edit
        </button>
        <button type="button" className="quiet" aria-label={`Delete ${item.title}`} onClick={() => setDeleting(true)}>
          Delete
        </button>
      </div>
      {deleting && (
        <ConfirmDialog title="Delete this item?" confirmLabel="Delete" onConfirm={remove} onCancel={() => setDeleting(false)}>
          <p>
            <strong>{item.title}</strong> will be gone for good.
          </p>
        </ConfirmDialog>
      )}
    </li>
  )
}

const focusOnMount = (input) => input?.focus()

/** A ref whose element takes the focus once `state` is over. */
function useFocusAfter(state) {
  const ref = useRef(null)
  const was = useRef(state)
  useEffect(() => {
    if (was.current && !state) ref.current?.focus()
    was.current = state
  }, [state])
  return ref
}
