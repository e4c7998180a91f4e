import { endOfDay, toDayInput } from '../../dates.js'
import { Field } from '../../ui/Field.jsx'
import { Form } from '../../ui/Form.jsx'
import { useForm } from '../../ui/useForm.js'

const EMPTY = { title: '', notes: '', expiresAt: '' }

const fromItem = ({ title, notes, expirationTime }) => ({
  title,
  notes: notes ?? '',
  expiresAt: expirationTime ? toDayInput(expirationTime) : '',
})

function check({ title, expiresAt }) {
  const errors = {}
  if (!title.trim()) errors.title = 'Give the item a title.'
  if (expiresAt && expiresAt < toDayInput(Date.now())) errors.expiresAt = 'Choose today or a later day.'
  return errors
}

/** The fields of an item, empty or of `item`; `onSubmit` gets them as the API takes them. */
export function ItemForm({ item, label, submitLabel, onSubmit, titleRef, ...rest }) {
  const initial = item ? fromItem(item) : EMPTY
  const form = useForm({
    initial,
    check,
    submit: async ({ title, notes, expiresAt }) => {
      const values = { title: title.trim(), notes: notes.trim() }
      // Only when touched: the day alone would move an expiry set elsewhere to the end of its day.
      if (expiresAt !== initial.expiresAt) values.expiresAt = expiresAt ? endOfDay(expiresAt) : null
      await onSubmit(values)
      form.reset()
    },
  })
  return (
    <Form form={form} label={label} submitLabel={submitLabel} {...rest}>
      <div className="item-fields">
        <Field form={form} name="title" label="Title" inputRef={titleRef} maxLength={200} autoComplete="off" required />
        <Field form={form} name="expiresAt" label="Expires" type="date" min={toDayInput(Date.now())} />
        <Field form={form} name="notes" label="Notes" as="textarea" rows={2} maxLength={10_000} />
      </div>
    </Form>
  )
}
