export const PASSWORD_RULES = [
  { name: '12 characters', met: (password) => password.length >= 12 },
  { name: 'lower-case letter', met: (password) => /[a-z]/.test(password) },
  { name: 'upper-case letter', met: (password) => /[A-Z]/.test(password) },
  { name: 'number', met: (password) => /[0-9]/.test(password) },
  // What Cognito counts as a symbol; other characters are allowed but do not count.
  { name: 'symbol', met: (password) => /[\^$*.[\]{}()?"!@#%&/\\,><':;|_~`+=-]|\S +\S/.test(password) },
]

const checks = {
  email: (value) => (/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value.trim()) ? null : 'Enter an email address, such as name@example.com.'),
  code: (value) => (value.trim() ? null : 'Enter the code from the email.'),
  password: (value) => (value ? null : 'Enter your password.'),
  newPassword: (value) => {
    const missing = PASSWORD_RULES.filter(({ met }) => !met(value)).map(({ name }) => name)
    return missing.length > 0 ? `The password still needs: ${missing.join(', ')}.` : null
  },
}

/** `checkFields({input: kind})` makes a form's check: {email: 'email', password: 'newPassword'}. */
export function checkFields(kinds) {
  return (values) =>
    Object.fromEntries(
      Object.entries(kinds)
        .map(([name, kind]) => [name, checks[kind](values[name])])
        .filter(([, message]) => message),
    )
}
