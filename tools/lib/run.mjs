// run.mjs: programs as children: with a log file, a time limit, and all of their own children ended.
import { spawn } from 'node:child_process'
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
export const BUILD = process.env.INVIGIL_BUILD ?? 'build'
export const LOGS = join(BUILD, 'test')

const running = new Set()
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => {
    for (const child of running) endGroup(child)
    process.exit(130)
  })

function endGroup(child) {
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It ended by itself meanwhile.
  }
}

/** Runs a command; resolves to {status, seconds, log, text}, never rejects. status 'late': over the
 * limit and killed. */
export function run(name, command, args, { limitSeconds = 600, env = {} } = {}) {
  const log = join(LOGS, `${name.replaceAll('/', '-')}.log`)
  mkdirSync(dirname(log), { recursive: true })
  const file = createWriteStream(log)
  const started = Date.now()
  const child = spawn(command, args, {
    cwd: ROOT,
    detached: true,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  let late = false
  const alarm = setTimeout(() => {
    late = true
    endGroup(child)
  }, limitSeconds * 1000)
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => file.write(bytes))
  return new Promise((resolve) => {
    const done = (status) => {
      clearTimeout(alarm)
      running.delete(child)
      file.end(() => {
        const seconds = (Date.now() - started) / 1000
        resolve({ status: late ? 'late' : status, seconds, log, text: readFileSync(log, 'utf8') })
      })
    }
    child.on('error', (error) => {
      file.write(`${command}: ${error.message}\n`)
      done(127)
    })
    child.on('close', (code, signal) => done(signal ?? code))
  })
}

/** Calls job(item) for each item, at most `width` at a time. */
export async function inParallel(items, width, job) {
  const results = []
  let next = 0
  const worker = async () => {
    while (next < items.length) {
      const at = next++
      results[at] = await job(items[at])
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker))
  return results
}
