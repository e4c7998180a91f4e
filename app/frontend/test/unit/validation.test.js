import { describe, expect, test } from 'vitest'
import { endOfDay, toDayInput } from '../../src/dates.js'
import { checkFields, PASSWORD_RULES } from '../../src/validation.js'

const unmet = (password) => PASSWORD_RULES.filter(({ met }) => !met(password)).map(({ name }) => name)

describe('a new password', () => {
  test.each([
    ['Aa1!aaaaaaaa', []],
    ['Aa1!aaaaaaa', ['12 characters']],
    ['AA1!AAAAAAAA', ['lower-case letter']],
    ['aa1!aaaaaaaa', ['upper-case letter']],
    ['Aaa!aaaaaaaa', ['number']],
    ['Aa1aaaaaaaaa', ['symbol']],
    ['Aa1aaaaa aaa', []],
    [' Aa1aaaaaaaa ', ['symbol']],
    ['Aa1éaaaaaaaa', ['symbol']],
    ['Aa1-aaaaaaaa', []],
    ['Aa1\\aaaaaaaa', []],
  ])('%s lacks %j', (password, missing) => {
    expect(unmet(password)).toEqual(missing)
  })
})

describe('an email address', () => {
  const error = (email) => checkFields({ email: 'email' })({ email }).email

  test.each(['ada@example.com', ' ada@example.com ', 'a+b@sub.example.co'])('may be %j', (email) => {
    expect(error(email)).toBeUndefined()
  })

  test.each(['', 'ada', 'ada@', 'ada@example', 'a b@example.com', 'a@b@example.com'])('may not be %j', (email) => {
    expect(error(email)).toMatch(/Enter an email address/)
  })
})

test('a day ends with its last second where the person is', () => {
  const end = new Date(endOfDay('2020-01-31'))
  expect([end.getDate(), end.getHours(), end.getMinutes(), end.getSeconds()]).toEqual([31, 23, 59, 59])
  expect(toDayInput(end)).toBe('2020-01-31')
})
