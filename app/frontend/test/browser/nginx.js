import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { answering, findNginx, freePort, FRONTEND, hasIPv6, stop } from './programs.js'

/**
 * The image's own nginx configuration, moved to free ports and into a temporary folder, in front of
 * `root`. With `apiPort` also a front door with the load balancer's two rules.
 */
export async function startNginx({ root, apiPort }) {
  const folder = mkdtempSync(path.join(tmpdir(), 'frontend-nginx-'))
  const [port, doorPort] = [await freePort(), await freePort()]

  const moved = (name, replacements) => {
    let text = readFileSync(path.join(FRONTEND, 'nginx', name), 'utf8')
    for (const [from, to] of replacements) {
      if (!text.includes(from)) throw new Error(`nginx/${name} has no "${from}" to replace`)
      text = text.replaceAll(from, to)
    }
    writeFileSync(path.join(folder, name), text)
  }
  moved('nginx.conf', [
    ['/tmp/', `${folder}/`],
    ['/dev/stdout', `${folder}/access.log`],
    ['/etc/nginx/conf.d/*.conf', `${folder}/default.conf;\n    include ${folder}/door*.conf`],
  ])
  moved('default.conf', [
    ['listen 80 ', `listen 127.0.0.1:${port} `],
    ['listen [::]:80 default_server;', hasIPv6() ? `listen [::1]:${port} default_server;` : ''],
    ['/usr/share/nginx/html', root],
    ['/etc/nginx/', `${folder}/`],
  ])
  moved('security-headers.conf', [])
  if (apiPort) writeFileSync(path.join(folder, 'door.conf'), frontDoor(doorPort, port, apiPort))

  // Run by root, the workers would be somebody else, who need not be able to read `root`.
  const globals = process.getuid() === 0 ? 'daemon off; user root;' : 'daemon off;'
  const child = spawn(findNginx(), ['-p', folder, '-c', path.join(folder, 'nginx.conf'), '-g', globals], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const url = `http://127.0.0.1:${port}`
  await answering(`${url}/health`, child)
  return {
    url,
    /** Every address that it listens on; of IPv6 where this machine has it. */
    urls: [url, ...(hasIPv6() ? [`http://[::1]:${port}`] : [])],
    frontDoor: `http://127.0.0.1:${doorPort}`,
    accessLog: () => readFileSync(path.join(folder, 'access.log'), 'utf8').trim().split('\n').filter(Boolean).map(JSON.parse),
    async stop() {
      await stop(child, 'SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

// Each test's browser says which client it is, so that tests do not share the API's rate limit.
const frontDoor = (port, frontendPort, apiPort) => `
server {
    listen 127.0.0.1:${port};
    access_log off;
    client_max_body_size 1m;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $http_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;

    location ~ ^/api/ {
        proxy_pass http://127.0.0.1:${apiPort};
    }
    location / {
        proxy_pass http://127.0.0.1:${frontendPort};
    }
}
`
