import { useCallback, useEffect, useState } from 'react'
import { flushSync } from 'react-dom'
import { items as api } from '../../api/index.js'

/** The loaded part of the caller's items and what can be done with them; every action may throw an ApiError. */
export function useItems() {
  const [state, setState] = useState({ items: null, nextCursor: null, error: null })

  const put = (change) => setState((now) => ({ ...now, items: change(now.items) }))
  const replace = (item) => put((items) => items.map((old) => (old.id === item.id ? item : old)))
  const drop = ({ id }) => put((items) => items.filter((old) => old.id !== id))

  /** An item that is gone leaves the list, whatever was asked about it. */
  const about = async (item, answer) => {
    try {
      return await answer
    } catch (error) {
      if (error.status === 404) drop(item)
      throw error
    }
  }

  const start = useCallback(async () => {
    setState((now) => ({ ...now, error: null }))
    try {
      setState({ ...(await nextPage()), error: null })
    } catch (error) {
      setState((now) => ({ ...now, error }))
    }
  }, [])

  useEffect(() => {
    start()
  }, [start])

  return {
    ...state,

    /** Tries the first load again after `error`. */
    start,

    /** Returns the items that were not shown yet; they are on the page when it does. */
    async loadMore() {
      const { items, nextCursor } = await nextPage(state.nextCursor)
      const shown = new Set(state.items.map(({ id }) => id))
      const more = items.filter(({ id }) => !shown.has(id))
      flushSync(() => setState((now) => ({ ...now, items: [...now.items, ...more], nextCursor })))
      return more
    },

    async add(values) {
      const item = await api.add(values)
      put((items) => [item, ...items])
    },

    async update(item, changes) {
      replace(await about(item, api.update(item, changes)))
    },

    async refresh(item) {
      replace(await about(item, api.get(item)))
    },

    async remove(item) {
      await about(item, api.remove(item))
      drop(item)
    },
  }
}

/** A page with something on it, or the end: the API leaves out expired items, so a page may be empty. */
async function nextPage(cursor) {
  const page = await api.page(cursor)
  return page.items.length === 0 && page.nextCursor ? nextPage(page.nextCursor) : page
}
