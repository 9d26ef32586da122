// Durable appends to the event log, beside bare SQLite that does the same. See bench/append.c.
import { once } from 'node:events'
import { built, start } from '../process.mjs'

export const measures = {
  async append() {
    const child = start(built('append'), [])
    let text = ''
    child.stdout.on('data', (bytes) => (text += bytes))
    const [code] = await once(child, 'close')
    if (code !== 0) throw new Error(`append ended with ${code}`)
    return text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .map((row) => ({ ...row, better: row.unit === 'ms' ? 'lower' : 'higher' }))
  },
}
