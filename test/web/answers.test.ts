// The road of an answer, with a server of two lines and time that the test moves.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Answers } from '@/exam/answers'
import { refusals } from '@/lib/gen/words'
import { Journal } from '@/lib/journal'
import type { Reply } from '@/lib/socket'
import type { CommandOf } from '@/lib/wire/codec'

type Answer = CommandOf<'answer'>

const RECEIPT = Uint8Array.of(1, 2, 3)
const reply = (refusal = 0): Reply => ({
  target: 1,
  refusal,
  ver: 1,
  at_ms: 5000,
  receipt: refusal ? new Uint8Array() : RECEIPT,
})

interface World {
  answers: Answers
  journal: Journal
  sent: Answer[]
  held: { refusal: number }
  server: { answer: (command: Answer) => Promise<Reply> | Reply }
}

// Without IndexedDB the journal lives in memory: its rules are the same.
async function world(): Promise<World> {
  const journal = await Journal.open(1)
  const sent: Answer[] = []
  const held = { refusal: 0 }
  const server: World['server'] = { answer: () => reply() }
  let device = 1000
  const answers = new Answers({
    journal,
    send: async (command) => {
      sent.push(command)
      return server.answer(command)
    },
    mayDeliver: () => held.refusal,
    deviceNow: () => device++,
  })
  return { answers, journal, sent, held, server }
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('typing', () => {
  it('is called kept only when the journal has written it', async () => {
    const { answers } = await world()
    expect(answers.kept.value).toBe(true)
    answers.write(1, 'a')
    expect(answers.kept.value).toBe(false)
    await pass(0)
    expect(answers.kept.value).toBe(true)
    expect(answers.waiting.value).toBe(1)
  })

  it('is in the journal at once and at the server after a rest', async () => {
    const { answers, journal, sent } = await world()
    answers.write(1, 'a')
    expect(journal.get(1)?.value).toBe('a')
    expect(answers.view(1).value.state).toBe('kept')
    await pass(399)
    expect(sent).toEqual([])
    await pass(1)
    expect(sent).toEqual([{ kind: 'answer', item: 1, rev: 1, device_ms: 1000, value: 'a' }])
    expect(answers.view(1).value).toMatchObject({ state: 'saved', stored_ms: 5000 })
    expect(answers.waiting.value).toBe(0)
  })

  it('is sent once for several keys in a row, with the newest text', async () => {
    const { answers, sent } = await world()
    for (const value of ['a', 'ab', 'abc']) {
      answers.write(1, value)
      await pass(100)
    }
    await pass(400)
    expect(sent.map(({ rev, value }) => [rev, value])).toEqual([[3, 'abc']])
  })

  it('that never rests is sent every two seconds', async () => {
    const { answers, sent } = await world()
    for (let key = 0; key < 30; key++) {
      answers.write(1, 'x'.repeat(key + 1))
      await pass(100)
    }
    expect(sent.length).toBeGreaterThanOrEqual(1)
  })

  it('goes at once when the person leaves the question', async () => {
    const { answers, sent } = await world()
    answers.write(1, 'a')
    answers.flush()
    await pass(0)
    expect(sent).toHaveLength(1)
  })

  it('while an answer is on its way goes as the next revision', async () => {
    const { answers, sent, server } = await world()
    let arrive: (r: Reply) => void = () => undefined
    server.answer = () => new Promise((done) => (arrive = done))
    answers.write(1, 'a')
    await pass(400)
    answers.write(1, 'ab')
    await pass(400)
    expect(sent).toHaveLength(1)
    server.answer = () => reply()
    arrive(reply())
    await pass(0)
    expect(sent.map(({ value }) => value)).toEqual(['a', 'ab'])
    expect(answers.view(1).value.state).toBe('saved')
  })
})

describe('an exam that is held', () => {
  it('keeps the answer and sends it when it goes on', async () => {
    const { answers, sent, held } = await world()
    held.refusal = refusals.IS_PAUSED.id
    answers.write(1, 'a')
    await pass(1000)
    expect(sent).toEqual([])
    expect(answers.waiting.value).toBe(1)
    held.refusal = 0
    answers.resend()
    await pass(0)
    expect(answers.view(1).value.state).toBe('saved')
  })

  it('asks again by itself when the server refuses for a while', async () => {
    const { answers, sent, server } = await world()
    server.answer = () => reply(refusals.NOT_STORED.id)
    answers.write(1, 'a')
    await pass(400)
    expect(answers.view(1).value.state).toBe('kept')
    server.answer = () => reply()
    await pass(3000)
    expect(sent).toHaveLength(2)
    expect(sent[1]).toEqual(sent[0])
    expect(answers.view(1).value.state).toBe('saved')
  })
})

describe('refusals for good', () => {
  it('keep the text and say so, until it is changed', async () => {
    const { answers, server } = await world()
    server.answer = () => reply(refusals.BAD_ANSWER.id)
    answers.write(1, 'not a number')
    await pass(400)
    expect(answers.view(1).value).toMatchObject({
      value: 'not a number',
      state: 'refused',
      refusal: refusals.BAD_ANSWER.id,
    })
    expect(answers.refused.value).toEqual([1])
    server.answer = () => reply()
    answers.write(1, '5')
    await pass(400)
    expect(answers.view(1).value.state).toBe('saved')
    expect(answers.refused.value).toEqual([])
  })
})

describe('what the server has', () => {
  it('is shown when this device has nothing', async () => {
    const { answers } = await world()
    answers.heard({ item: 2, rev: 4, value: 'from before', device_ms: 10, stored_ms: 20 })
    expect(answers.view(2).value).toMatchObject({ value: 'from before', rev: 4, state: 'saved' })
  })

  it('gives the next change a higher number', async () => {
    const { answers, sent } = await world()
    answers.heard({ item: 2, rev: 4, value: 'from before', device_ms: 10, stored_ms: 20 })
    answers.write(2, 'new')
    await pass(400)
    expect(sent[0]?.rev).toBe(5)
  })

  it('yields to a later change of this device, under a new number', async () => {
    const { answers, journal } = await world()
    answers.write(2, 'typed here')
    answers.heard({ item: 2, rev: 1, value: 'other window', device_ms: 10, stored_ms: 20 })
    expect(journal.get(2)).toMatchObject({ value: 'typed here', rev: 2, receipt: null })
  })

  it('wins over an earlier change of this device', async () => {
    const { answers, journal } = await world()
    answers.write(2, 'typed here')
    answers.heard({ item: 2, rev: 1, value: 'other device', device_ms: 99_999, stored_ms: 20 })
    expect(journal.get(2)).toMatchObject({ value: 'other device' })
  })

  it('confirms an answer whose reply was lost', async () => {
    const { answers, server } = await world()
    server.answer = () => new Promise(() => undefined)
    answers.write(1, 'a')
    await pass(400)
    answers.heard({ item: 1, rev: 1, value: 'a', device_ms: 1000, stored_ms: 7000 })
    expect(answers.view(1).value).toMatchObject({ state: 'saved', stored_ms: 7000 })
  })

  it('gets another number after a conflict', async () => {
    const { answers, sent, server } = await world()
    server.answer = ({ rev }) => reply(rev === 1 ? refusals.CONFLICT.id : 0)
    answers.write(1, 'a')
    await pass(400)
    expect(sent.map(({ rev }) => rev)).toEqual([1, 2])
    expect(answers.view(1).value.state).toBe('saved')
  })
})

describe('handing in', () => {
  it('waits until everything is stored', async () => {
    const { answers } = await world()
    answers.write(1, 'a')
    answers.write(2, 'b')
    const settled = answers.settle(5000)
    await pass(10)
    expect(await settled).toBe(true)
  })

  it('says after its patience that something is left', async () => {
    const { answers, server } = await world()
    server.answer = () => new Promise(() => undefined)
    answers.write(1, 'a')
    const settled = answers.settle(5000)
    await pass(5000)
    expect(await settled).toBe(false)
  })
})

describe('after another device had the exam', () => {
  const elsewhere = { item: 1, device_ms: 0, stored_ms: 7000, elsewhere: true }

  it('its later text counts, also under a smaller number', async () => {
    const { answers, held } = await world()
    held.refusal = refusals.OTHER_DEVICE.id
    for (const value of ['a', 'ab', 'abc']) answers.write(1, value)
    answers.heard({ ...elsewhere, rev: 2, value: 'other', device_ms: 99_999 })
    expect(answers.view(1).value).toMatchObject({ value: 'other', state: 'saved', rev: 2 })
    expect(answers.waiting.value).toBe(0)
  })

  it('what this device wrote later is handed over, under a number that is free', async () => {
    const { answers, held, sent } = await world()
    held.refusal = refusals.OTHER_DEVICE.id
    answers.write(1, 'mine')
    await pass(400)
    answers.heard({ ...elsewhere, rev: 4, value: 'other', device_ms: 1 })
    held.refusal = 0
    answers.resend()
    await pass(0)
    expect(sent.map(({ rev, value }) => [rev, value])).toEqual([[5, 'mine']])
  })
})
