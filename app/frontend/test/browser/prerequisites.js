import { missing } from './programs.js'

const message = missing(process.env.BASE_URL)
if (message) {
  console.error(message)
  process.exit(1)
}
