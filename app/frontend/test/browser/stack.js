import { spawn } from 'node:child_process'
import path from 'node:path'
import { startNginx } from './nginx.js'
import { answering, API, freePort, FRONTEND, missing, stop } from './programs.js'

/** The whole application behind one address: the given one, or one started here. */
export async function startStack() {
  const frontDoor = process.env.FRONT_DOOR
  const lack = missing(frontDoor)
  if (lack) throw new Error(lack)
  if (frontDoor) return { url: frontDoor, stop: async () => {} }

  const apiPort = await freePort()
  // With the API come the PostgreSQL and the AWS of its own tests; it takes them down when it is stopped.
  const api = spawn('npm', ['run', '--silent', 'dev'], {
    cwd: API,
    env: { ...process.env, NODE_ENV: 'development', NODE_NO_WARNINGS: '1', PORT: String(apiPort), LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  let nginx
  try {
    await answering(`http://127.0.0.1:${apiPort}/api/health`, api)
    nginx = await startNginx({ root: path.join(FRONTEND, 'dist'), apiPort })
  } catch (error) {
    await stop(api)
    throw error
  }
  return {
    url: nginx.frontDoor,
    async stop() {
      await nginx.stop()
      await stop(api)
    },
  }
}
