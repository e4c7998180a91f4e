import { accessSync, constants, existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export const FRONTEND = fileURLToPath(new URL('../..', import.meta.url))
export const API = path.join(FRONTEND, '../api')

/** The first of `names` that PATH has, or undefined. Debian keeps nginx where only root's PATH looks. */
function onPath(...names) {
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin']
  return names.flatMap((name) => folders.map((folder) => path.join(folder, name))).find(isExecutable)
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export const findChromium = () => process.env.CHROMIUM ?? onPath('chromium', 'chromium-browser', 'google-chrome')
// Not NGINX: by that name nginx itself is told of sockets that it inherits.
export const findNginx = () => process.env.NGINX_BINARY ?? onPath('nginx')
export const hasIPv6 = () => Object.values(networkInterfaces()).flat().some(({ address }) => address === '::1')

/** What the browser test lacks here, in one line, or null. `frontDoor` is the address of one that is up. */
export function missing(frontDoor) {
  if (!findChromium()) return 'The browser test needs Chromium: install the package "chromium" or set CHROMIUM to its path.'
  if (!findNginx()) return 'The browser test needs nginx: install it or set NGINX_BINARY to its path.'
  if (!frontDoor && !existsSync(path.join(API, 'node_modules'))) {
    return 'The browser test needs the API: run "npm ci" in ../api, or set BASE_URL to a front door that is up.'
  }
  return null
}

/** A loopback port that nothing listens on. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

/** Waits until `url` answers 200; `child` is the process that should make it so. */
export async function answering(url, child, within = 240_000) {
  const deadline = Date.now() + within
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`${child.spawnargs.join(' ')} ended with ${child.exitCode} before ${url} answered`)
    const ok = await fetch(url).then((response) => response.ok, () => false)
    if (ok) return
    await sleep(50)
  }
  throw new Error(`${url} did not answer within ${within} ms`)
}

/** Ends a process, by force if it does not end itself. */
export async function stop(child, signal = 'SIGTERM') {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill(signal)
  const force = setTimeout(() => child.kill('SIGKILL'), 15_000)
  await ended
  clearTimeout(force)
}
