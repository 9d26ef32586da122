// Where the peer of bench/hall.c keeps answers: functions that take the messages of a turn and are done when
// these are durable.
import { fdatasync, openSync, write } from 'node:fs'
import { promisify } from 'node:util'

const writeAll = promisify(write)
const sync = promisify(fdatasync)

async function file(path) {
  const to = openSync(path, 'a')
  return async (messages) => {
    await writeAll(to, Buffer.concat(messages))
    await sync(to)
  }
}

// One connection; the inserts of a turn follow each other without waiting, and share one COMMIT.
async function postgres(folder) {
  const { default: pg } = await import('pg')
  const client = new pg.Client({
    host: folder,
    user: 'bench',
    database: 'postgres',
    pipeline: true,
  })
  await client.connect()
  await client.query(
    'CREATE TABLE answer(id bigserial PRIMARY KEY, attempt bigint, item int, rev int, value bytea)',
  )
  const text = 'INSERT INTO answer(attempt, item, rev, value) VALUES($1, $2, $3, $4)'
  const insert = (m) => {
    const body = 17 + m.readUInt32LE(9)
    const values = [
      m.readBigUInt64LE(13),
      m.readUInt32LE(body + 2),
      m.readUInt32LE(body + 6),
      m.subarray(body + 22),
    ]
    return client.query({ name: 'insert', text, values })
  }
  return (messages) =>
    Promise.all([client.query('BEGIN'), ...messages.map(insert), client.query('COMMIT')])
}

export const stores = { file, postgres }
