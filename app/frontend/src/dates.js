const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric' })

export const showDay = (value) => day.format(new Date(value))

/** The value of a date input for an instant, in the person's own time zone: 2026-12-03. */
export function toDayInput(instant) {
  const date = new Date(instant)
  const two = (number) => String(number).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

/** The last second of that day in the person's own time zone, as the API takes it. */
export const endOfDay = (dayInput) => new Date(`${dayInput}T23:59:59`).toISOString()
