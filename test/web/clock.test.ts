import { describe, expect, it } from 'vitest'
import { formatLength, formatSpan, ServerClock } from '@/lib/clock'

describe('the server clock', () => {
  const device = { at: 1000 }
  const clock = () =>
    new ServerClock(
      () => device.at,
      () => 50_000,
    )

  it('shows the device time until a ping came back', () => {
    device.at = 1000
    const it = clock()
    expect(it.known).toBe(false)
    expect(it.now()).toBe(50_000)
  })

  it('begins a visit without a connection with what the wall clock was wrong by', () => {
    device.at = 1000
    const it = clock()
    it.guess(-2000, 0)
    expect(it.now()).toBe(48_000)
    expect(it.known).toBe(false)
    it.learn(1000, 90_000, 1000)
    it.guess(-2000, 0)
    expect(it.now()).toBe(90_000)
    expect(it.skew).toBe(40_000)
  })

  it('never goes back behind an instant that was seen, whatever the wall clock says', () => {
    const it = clock()
    it.guess(-2000, 60_000)
    expect(it.now()).toBe(60_000)
  })

  it('puts the server time into the middle of the way', () => {
    device.at = 1000
    const it = clock()
    it.learn(1000, 90_000, 1100)
    device.at = 1100
    expect(it.now()).toBe(90_050)
  })

  it('believes the fastest of the last pings', () => {
    const it = clock()
    it.learn(0, 10_010, 20)
    it.learn(1000, 13_000, 3000)
    device.at = 5000
    expect(it.now()).toBe(15_000)
  })

  it('forgets a fast ping after twelve others, so that drift is followed', () => {
    const it = clock()
    it.learn(0, 10_000, 2)
    for (let nth = 1; nth <= 12; nth++) it.learn(nth * 1000, 10_500 + nth * 1000, nth * 1000 + 10)
    device.at = 20_000
    expect(it.now()).toBe(30_495)
  })

  it('does not jump when the device time is set', () => {
    let wall = 50_000
    device.at = 1000
    const it = new ServerClock(
      () => device.at,
      () => wall,
    )
    it.learn(1000, 90_000, 1000)
    wall = 10
    device.at = 2000
    expect(it.now()).toBe(91_000)
  })
})

describe('times for people', () => {
  it('writes a span with the digits that it needs', () => {
    expect(formatSpan(3_849_000)).toBe('1:04:09')
    expect(formatSpan(249_000)).toBe('4:09')
    expect(formatSpan(-5)).toBe('0:00')
    expect(formatSpan(999)).toBe('0:01')
  })

  it('writes a length in words', () => {
    expect(formatLength(42_400)).toBe('42 s')
    expect(formatLength(180_000)).toBe('3 min')
    expect(formatLength(4_800_000)).toBe('1 h 20 min')
    expect(formatLength(7_200_000)).toBe('2 h')
  })
})
