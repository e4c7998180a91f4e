import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, test } from 'vitest'
import { endOfDay, toDayInput } from '../../src/dates.js'
import { invalid, json, problem } from './fake-api.js'
import { renderApp } from './render-app.jsx'

const UPDATE = 'PATCH /api/items/:id'

const open = (...titles) => renderApp('/', { signedIn: true, arrange: (api) => api.addItems(...titles) })
const titles = () => screen.queryAllByRole('checkbox').map((box) => box.closest('label').textContent)
const button = (name) => screen.getByRole('button', { name })
const press = (user, name) => user.click(button(name))
const addForm = () => within(screen.getByRole('form', { name: 'Add an item' }))
const editForm = (title) => within(screen.getByRole('form', { name: `Edit ${title}` }))
const said = (text) => waitFor(() => expect(screen.getByRole('status')).toHaveTextContent(text))

describe('the list', () => {
  test('that is empty says what to do', async () => {
    await open()
    expect(await screen.findByText('Nothing here yet')).toBeVisible()
    expect(screen.getByText('Add your first item above.')).toBeVisible()
  })

  test('shows twenty, then the rest with the focus on the first new one', async () => {
    const all = Array.from({ length: 25 }, (_, index) => `Item ${index + 1}`)
    const { user } = await open(...all)
    await screen.findByText('Item 20')
    expect(titles()).toHaveLength(20)
    await press(user, 'Load more')
    await said('5 more items')
    expect(titles()).toEqual(all)
    expect(screen.getByRole('checkbox', { name: 'Item 21' })).toHaveFocus()
    expect(screen.queryByRole('button', { name: 'Load more' })).not.toBeInTheDocument()
  })

  test('shows no item twice when one was added before the next page', async () => {
    const { user, api } = await open(...Array.from({ length: 25 }, (_, index) => `Item ${index + 1}`))
    await screen.findByText('Item 20')
    api.items().unshift({ ...api.items()[0], id: 'elsewhere', title: 'Elsewhere' })
    await press(user, 'Load more')
    await said('5 more items')
    expect(new Set(titles()).size).toBe(25)
  })

  test('goes past pages whose items have all expired', async () => {
    const expired = () => json(200, { items: [], nextCursor: '0' })
    await renderApp('/', {
      signedIn: true,
      arrange(api) {
        api.addItems('Milk')
        api.failNext('GET /api/items', expired())
        api.failNext('GET /api/items', expired())
      },
    })
    expect(await screen.findByText('Milk')).toBeVisible()
  })

  test('that cannot be loaded can be tried again', async () => {
    const { user } = await renderApp('/', {
      signedIn: true,
      arrange(api) {
        api.addItems('Milk')
        api.failNext('GET /api/items', problem(503, 'The service is temporarily unavailable.'))
      },
    })
    expect(await screen.findByRole('alert')).toHaveTextContent('temporarily unavailable')
    await press(user, 'Try again')
    expect(await screen.findByText('Milk')).toBeVisible()
    expect(screen.queryByRole('alert')).not.toBeInTheDocument()
  })
})

describe('adding', () => {
  test('puts the item first, empties the form and is ready for the next', async () => {
    const { user, api } = await open('Milk')
    await user.type(await screen.findByLabelText('Title'), ' Bread ')
    await user.type(screen.getByLabelText('Notes (optional)'), 'Rye')
    await press(user, 'Add item')
    await said('Item added')
    expect(titles()).toEqual(['Bread', 'Milk'])
    expect(api.called('POST /api/items')[0].body).toEqual({ title: 'Bread', notes: 'Rye' })
    expect(screen.getByLabelText('Title')).toHaveValue('')
    expect(screen.getByLabelText('Title')).toHaveFocus()
  })

  test('with a day sends its last second', async () => {
    const { user, api } = await open()
    const day = toDayInput(Date.now() + 3 * 86_400_000)
    await user.type(await screen.findByLabelText('Title'), 'Milk')
    await user.type(screen.getByLabelText('Expires (optional)'), day)
    await press(user, 'Add item')
    await said('Item added')
    expect(api.called('POST /api/items')[0].body.expiresAt).toBe(endOfDay(day))
    expect(screen.getByText(/, expires /)).toBeVisible()
  })

  test('without a title asks for it', async () => {
    const { user, api } = await open()
    await user.type(await screen.findByLabelText('Title'), '  {Enter}')
    expect(screen.getByLabelText('Title')).toHaveAttribute('aria-invalid', 'true')
    expect(screen.getByLabelText('Title')).toHaveAccessibleDescription('Give the item a title.')
    expect(screen.getByLabelText('Title')).toHaveFocus()
    expect(api.called('POST /api/items')).toEqual([])
  })

  test('with a day that is over is refused', async () => {
    const { user } = await open()
    await user.type(await screen.findByLabelText('Title'), 'Milk')
    await user.type(screen.getByLabelText('Expires (optional)'), '2020-01-01')
    await press(user, 'Add item')
    expect(screen.getByLabelText('Expires (optional)')).toHaveAccessibleDescription('Choose today or a later day.')
  })

  test('refused by the API keeps what was typed', async () => {
    const { user, api } = await open()
    api.failNext('POST /api/items', invalid('title', 'The title is too long.'))
    await user.type(await screen.findByLabelText('Title'), 'Milk{Enter}')
    await waitFor(() => expect(screen.getByLabelText('Title')).toHaveAccessibleDescription('The title is too long.'))
    expect(screen.getByLabelText('Title')).toHaveValue('Milk')
  })
})

describe('ticking off', () => {
  test('saves and says it', async () => {
    const { user, api } = await open('Milk')
    const box = await screen.findByRole('checkbox', { name: 'Milk' })
    await user.click(box)
    await said('Milk is done')
    expect(box).toBeChecked()
    expect(api.called(UPDATE)[0].body).toEqual({ done: true, version: 1 })
    await user.click(box)
    await said('Milk is open again')
    expect(api.called(UPDATE)[1].body).toEqual({ done: false, version: 2 })
  })

  test('that fails leaves the item as it was', async () => {
    const { user, api } = await open('Milk')
    api.failNext(UPDATE, new TypeError('Failed to fetch'))
    await user.click(await screen.findByRole('checkbox'))
    await said(/cannot be reached/)
    expect(screen.getByRole('checkbox')).not.toBeChecked()
  })

  test('an item changed elsewhere shows its latest version instead', async () => {
    const { user, api } = await open('Milk')
    await screen.findByText('Milk')
    api.changeElsewhere('Milk', { title: 'Oat milk' })
    await user.click(screen.getByRole('checkbox'))
    await said(/changed elsewhere/)
    expect(titles()).toEqual(['Oat milk'])
    expect(screen.getByRole('checkbox')).not.toBeChecked()
  })

  test('an item deleted elsewhere takes it off the list', async () => {
    const { user, api } = await open('Milk', 'Bread')
    await screen.findByText('Milk')
    api.removeElsewhere('Milk')
    await user.click(screen.getByRole('checkbox', { name: 'Milk' }))
    await said('This item no longer exists')
    expect(titles()).toEqual(['Bread'])
  })
})

describe('editing', () => {
  test('starts with the focus in the title and ends with it on the button', async () => {
    const { user, api } = await open('Milk')
    await user.click(await screen.findByRole('button', { name: 'Edit Milk' }))
    const title = editForm('Milk').getByLabelText('Title')
    expect(title).toHaveFocus()
    await user.clear(title)
    await user.type(title, 'Oat milk{Enter}')
    await said('Item saved')
    expect(button('Edit Oat milk')).toHaveFocus()
    expect(api.called(UPDATE)[0].body).toEqual({ title: 'Oat milk', notes: '', version: 1 })
  })

  test.each([
    ['Escape', (user) => user.keyboard('{Escape}')],
    ['Cancel', (user) => press(user, 'Cancel')],
  ])('is left by %s without a change', async (_name, leave) => {
    const { user, api } = await open('Milk')
    await user.click(await screen.findByRole('button', { name: 'Edit Milk' }))
    await user.type(editForm('Milk').getByLabelText('Title'), ' changed')
    await leave(user)
    expect(button('Edit Milk')).toHaveFocus()
    expect(api.called(UPDATE)).toEqual([])
  })

  test('can take the expiry away, and otherwise does not touch it', async () => {
    const expiresAt = endOfDay(toDayInput(Date.now() + 86_400_000))
    const { user, api } = await open('Milk')
    await screen.findByText('Milk')
    api.changeElsewhere('Milk', { expirationTime: expiresAt })
    await user.click(screen.getByRole('checkbox'))
    await said(/changed elsewhere/)

    await press(user, 'Edit Milk')
    await user.type(editForm('Milk').getByLabelText('Title'), '{Enter}')
    await said('Item saved')
    expect(api.called(UPDATE).at(-1).body).not.toHaveProperty('expiresAt')

    await press(user, 'Edit Milk')
    await user.clear(editForm('Milk').getByLabelText('Expires (optional)'))
    await press(user, 'Save')
    await waitFor(() => expect(api.called(UPDATE).at(-1).body).toHaveProperty('expiresAt', null))
  })

  test('an item deleted elsewhere takes it off the list', async () => {
    const { user, api } = await open('Milk', 'Bread')
    await user.click(await screen.findByRole('button', { name: 'Edit Milk' }))
    api.removeElsewhere('Milk')
    await user.type(editForm('Milk').getByLabelText('Title'), '!{Enter}')
    await said('This item no longer exists')
    expect(titles()).toEqual(['Bread'])
    expect(screen.getByRole('heading', { name: 'Your items' })).toHaveFocus()
  })

  test('an item changed elsewhere says so, keeps the text, and loads the latest on request', async () => {
    const { user, api } = await open('Milk')
    await user.click(await screen.findByRole('button', { name: 'Edit Milk' }))
    api.changeElsewhere('Milk', { title: 'Oat milk' })
    const title = editForm('Milk').getByLabelText('Title')
    await user.type(title, ' and bread{Enter}')

    const alert = await screen.findByRole('alert')
    expect(alert).toHaveTextContent(/changed elsewhere since you opened it/)
    expect(alert).toHaveFocus()
    expect(title).toHaveValue('Milk and bread')
    await press(user, 'Load the latest version')
    await said('This is the latest version')
    expect(titles()).toEqual(['Oat milk'])
    expect(button('Edit Oat milk')).toHaveFocus()
    expect(api.items()[0].title).toBe('Oat milk')
  })
})

describe('deleting', () => {
  test('asks first, and keeps the item when the answer is no', async () => {
    const { user, api } = await open('Milk')
    await user.click(await screen.findByRole('button', { name: 'Delete Milk' }))
    const dialog = screen.getByRole('dialog', { name: 'Delete this item?' })
    expect(dialog).toHaveAccessibleDescription('Milk will be gone for good.')
    await press(user, 'Keep it')
    expect(dialog).not.toBeInTheDocument()
    expect(api.called('DELETE /api/items/:id')).toEqual([])
  })

  test('takes the item off the list and leaves the focus on its heading', async () => {
    const { user, api } = await open('Milk', 'Bread')
    await user.click(await screen.findByRole('button', { name: 'Delete Milk' }))
    await press(user, 'Delete')
    await said('Item deleted')
    expect(titles()).toEqual(['Bread'])
    expect(api.items()).toHaveLength(1)
    expect(screen.getByRole('heading', { name: 'Your items' })).toHaveFocus()
  })

  test('that fails says so in the dialog and can be tried again', async () => {
    const { user, api } = await open('Milk')
    api.failNext('DELETE /api/items/:id', problem(503, 'The service is temporarily unavailable.'))
    await user.click(await screen.findByRole('button', { name: 'Delete Milk' }))
    await press(user, 'Delete')
    expect(await screen.findByRole('alert')).toHaveTextContent('temporarily unavailable')
    await press(user, 'Delete')
    expect(await screen.findByText('Nothing here yet')).toBeVisible()
  })

  test('an item that is already gone is no error', async () => {
    const { user, api } = await open('Milk')
    await user.click(await screen.findByRole('button', { name: 'Delete Milk' }))
    api.removeElsewhere('Milk')
    await press(user, 'Delete')
    await said('Item deleted')
    expect(addForm().getByLabelText('Title')).toBeVisible()
  })
})
