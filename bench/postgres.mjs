// A PostgreSQL of its own for one measure, as it is installed: fsync on, COMMIT waits for it. It does not run
// as root, so root lends it the user `postgres`.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cpuSeconds } from './process.mjs'

const VERSIONS = '/usr/lib/postgresql'
const READY_MS = 20000
const SETTINGS = ['shared_buffers=256MB', 'max_wal_size=4GB', 'listen_addresses=']

function program(name) {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS) : []
  const path = versions.map((v) => join(VERSIONS, v, 'bin', name)).find(existsSync)
  if (!path) throw new Error(`there is no ${name}; install the Debian package postgresql`)
  return path
}

const isRoot = process.getuid() === 0
const asUser = (path, args) =>
  isRoot
    ? ['setpriv', ['--reuid=postgres', '--regid=postgres', '--clear-groups', path, ...args]]
    : [path, args]

// Its own time and that of the processes that it started.
function cpuOfAll(pid) {
  const isChild = (p) => {
    try {
      return (
        readFileSync(`/proc/${p}/stat`, 'utf8').replace(/.*\) /s, '').split(' ')[1] === String(pid)
      )
    } catch {
      return false // has ended meanwhile
    }
  }
  const children = readdirSync('/proc').filter((p) => /^\d+$/.test(p) && isChild(p))
  return [pid, ...children].reduce((sum, p) => sum + cpuSeconds(p), 0)
}

async function ready(child) {
  let said = ''
  const heard = new Promise((done, reject) => {
    child.stderr.on('data', (text) => {
      said += text
      if (said.includes('ready to accept connections')) done()
    })
    child.once('exit', () => reject(new Error(`postgres ended: ${said}`)))
    setTimeout(() => reject(new Error(`postgres is not ready: ${said}`)), READY_MS).unref()
  })
  await heard
}

export async function postgres(folder) {
  const data = join(folder, 'pg')
  mkdirSync(data)
  chmodSync(folder, 0o711)
  if (isRoot) execFileSync('chown', ['postgres:postgres', data])
  const [initdb, initArgs] = asUser(program('initdb'), [
    '-D',
    data,
    '-A',
    'trust',
    '-U',
    'bench',
    '--no-sync',
  ])
  execFileSync(initdb, initArgs, { stdio: 'ignore', cwd: '/' })
  const args = ['-D', data, '-k', data, ...SETTINGS.flatMap((s) => ['-c', s])]
  const child = spawn(...asUser(program('postgres'), args), {
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd: '/',
  })
  await ready(child)
  return {
    folder: data,
    cpuSeconds: () => cpuOfAll(child.pid),
    stop: async () => {
      const ended = once(child, 'exit')
      child.kill('SIGINT') // fast shutdown
      await ended
    },
  }
}
