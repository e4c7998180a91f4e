import { useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { ApiError } from '../api/http.js'

/**
 * A form's values, errors and submission.
 * `check(values)` returns {name: message} for what is wrong; `submit(values)` may throw an ApiError,
 * whose field errors go to the inputs of the same name. The focus moves to the first input in error,
 * or to the message above the form. `attempt(check, action)` does the same for another button of the form.
 */
export function useForm({ initial, check = () => ({}), submit }) {
  const ref = useRef(null)
  const [values, setValues] = useState(initial)
  const [errors, setErrors] = useState({})
  const [failure, setFailure] = useState(null)
  const [pending, setPending] = useState(false)

  const show = (nextErrors, nextFailure = null) => {
    flushSync(() => {
      setErrors(nextErrors)
      setFailure(nextFailure)
      setPending(false)
    })
    ref.current?.querySelector('[aria-invalid="true"], [role="alert"]')?.focus()
  }

  const attempt = async (check, action) => {
    if (pending) return
    const found = check(values)
    if (Object.keys(found).length > 0) return show(found)

    setErrors({})
    setFailure(null)
    setPending(true)
    try {
      await action(values)
      setPending(false)
    } catch (error) {
      show(...sort(error, values))
    }
  }

  const onSubmit = (event) => {
    event.preventDefault()
    return attempt(check, submit)
  }

  const set = (name, value) => {
    setValues((now) => ({ ...now, [name]: value }))
    setErrors((now) => ({ ...now, [name]: undefined }))
  }

  return { ref, values, errors, failure, pending, attempt, onSubmit, set, reset: () => setValues(initial) }
}

/** An error's messages: those for inputs by name, and what is left over for above the form. */
function sort(error, values) {
  const fields = error.fields ?? []
  const forInputs = fields.filter(({ path }) => path in values)
  const others = fields.filter(({ path }) => !(path in values))
  const byName = Object.fromEntries(forInputs.map(({ path, message }) => [path, message]))
  if (forInputs.length > 0 && others.length === 0) return [byName, null]
  return [byName, new ApiError(error.status, [error.message, ...others.map(({ message }) => message)].join(' '))]
}
