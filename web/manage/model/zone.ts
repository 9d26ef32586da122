// Local date and time in a named zone to an instant. Pure. Clocks are put forward (an hour does not
// exist) and back (an hour comes twice): both are told, so that no exam starts at a guess.

export interface Instant {
  ms: number
  /** gap: the clock skips this time, the next existing one was taken; twice: the earlier one was. */
  note: 'gap' | 'twice' | null
}

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
    formats.set(zone, format)
  }
  return format
}

/** What the clocks on the wall of that zone show, as if it were UTC. */
function wallMs(zone: string, ms: number): number {
  const part = Object.fromEntries(
    formatOf(zone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

const offsetMs = (zone: string, ms: number): number =>
  wallMs(zone, ms) - Math.floor(ms / 1000) * 1000

/** `local` as <input type="datetime-local"> gives it; null: not a date. */
export function instantOf(local: string, zone: string): Instant | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(local)) return null
  const wall = Date.parse(`${local}:00Z`)
  if (Number.isNaN(wall)) return null
  // No zone is further than 14 hours from UTC, so both sides of a change are among these.
  const DAY = 86_400_000
  const offsets = new Set([offsetMs(zone, wall - DAY), offsetMs(zone, wall + DAY)])
  const fits = [...offsets].map((offset) => wall - offset).filter((ms) => wallMs(zone, ms) === wall)
  fits.sort((a, b) => a - b)
  const [first] = fits
  if (first !== undefined) return { ms: first, note: fits.length > 1 ? 'twice' : null }
  return { ms: wall - Math.min(...offsets), note: 'gap' }
}

const two = (n: number): string => String(n).padStart(2, '0')

/** For <input type="datetime-local">. */
export function localOf(ms: number, zone: string): string {
  const date = new Date(wallMs(zone, ms))
  const day = `${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`
  return `${day}T${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`
}

export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'
}

export function knownZones(): string[] {
  const own = ownZone()
  const all = Intl.supportedValuesOf('timeZone')
  return [...new Set([own, 'UTC', ...all])]
}

/** "Fri 21 Nov 2026, 10:00 (Europe/Berlin)". */
export function formatInZone(ms: number, zone: string): string {
  const format = new Intl.DateTimeFormat(undefined, {
    timeZone: zone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  })
  return format.format(ms)
}
