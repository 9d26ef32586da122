// Starting servers to be measured, and reading what they cost.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'

const BUILD = process.env.INVIGIL_BUILD ?? 'build/release'
const ROOT = new URL('..', import.meta.url).pathname

export const built = (name) => {
  const path = resolve(ROOT, BUILD, 'bench', name)
  if (!existsSync(path)) throw new Error(`${path} is not built; ./dev bench builds it`)
  return path
}

// Waits for a line that the pattern matches; fails when the program ends before.
export function line(child, pattern) {
  return new Promise((found, reject) => {
    const lines = createInterface({ input: child.stdout })
    const done = (fn, value) => {
      lines.removeAllListeners('line')
      fn(value)
    }
    lines.on('line', (text) => {
      const match = text.match(pattern)
      if (match) done(found, match)
    })
    child.once('exit', (code) =>
      done(reject, new Error(`${child.spawnargs.join(' ')} ended with ${code}`)),
    )
  })
}

export function start(command, args, options = {}) {
  return spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], cwd: ROOT, ...options })
}

// A server that prints "port N"; stop() ends it.
export async function server(command, args) {
  const child = start(command, args)
  const [, port] = await line(child, /^port (\d+)/)
  const ended = new Promise((done) => child.once('exit', done))
  return { pid: child.pid, port: Number(port), stop: () => (child.kill('SIGKILL'), ended) }
}

// User and system time in seconds; a tick is 1/100 s on Linux.
export function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

export function residentBytes(pid) {
  return Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s*(\d+) kB/)[1]) * 1024
}
