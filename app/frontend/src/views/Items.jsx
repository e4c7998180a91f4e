import { useRef, useState } from 'react'
import { useAnnounce } from '../ui/Announcement.jsx'
import { Page } from '../ui/Page.jsx'
import { ItemForm } from './items/ItemForm.jsx'
import { ItemRow } from './items/ItemRow.jsx'
import { useItems } from './items/useItems.js'

export function Items() {
  const announce = useAnnounce()
  const items = useItems()
  const newTitle = useRef(null)
  const heading = useRef(null)
  const list = useRef(null)
  const [loadingMore, setLoadingMore] = useState(false)

  const add = async (values) => {
    await items.add(values)
    announce('Item added')
    newTitle.current?.focus()
  }

  // The focus was in the item that left: the list's heading is the nearest thing that stays.
  const afterGone = (message) => {
    heading.current.focus()
    announce(message)
  }

  const loadMore = async () => {
    if (loadingMore) return
    setLoadingMore(true)
    try {
      const more = await items.loadMore()
      announce(more.length === 1 ? '1 more item' : `${more.length} more items`)
      // The button moved away or is gone.
      if (more.length > 0) list.current.children[items.items.length].querySelector('input').focus()
    } catch (error) {
      announce(error.message)
    } finally {
      setLoadingMore(false)
    }
  }

  return (
    <Page title="Items">
      {items.items && (
        <section className="card" aria-labelledby="add-heading">
          <h2 id="add-heading">Add an item</h2>
          <ItemForm label="Add an item" submitLabel="Add item" titleRef={newTitle} onSubmit={add} />
        </section>
      )}
      <section aria-labelledby="list-heading" aria-busy={!items.items && !items.error}>
        <h2 id="list-heading" ref={heading} tabIndex={-1}>
          Your items
        </h2>
        {items.error && <LoadError error={items.error} onRetry={items.start} />}
        {!items.items && !items.error && <p className="quiet-text">Loading your items</p>}
        {items.items?.length === 0 && !items.nextCursor && <Empty />}
        {items.items?.length > 0 && (
          <ul className="items" ref={list}>
            {items.items.map((item) => (
              <ItemRow key={item.id} item={item} items={items} onGone={afterGone} />
            ))}
          </ul>
        )}
        {items.nextCursor && (
          <button type="button" className="load-more" aria-disabled={loadingMore} onClick={loadMore}>
            Load more
          </button>
        )}
      </section>
    </Page>
  )
}

function Empty() {
  return (
    <div className="empty">
      <p>
        <strong>Nothing here yet</strong>
      </p>
      <p>Add your first item above.</p>
    </div>
  )
}

function LoadError({ error, onRetry }) {
  return (
    <div role="alert" className="failure">
      <p>{error.message}</p>
      <button type="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  )
}
