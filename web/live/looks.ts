// When this person looks at whom: large, or a live picture that is in sight. Told to the server, so that
// everybody sees whom nobody has looked at for long.
import { clock } from '@/lib/clock'
import { limits } from '@/lib/gen/words'
import type { LiveSocket } from '@/lib/socket'
import { encodeTargets } from '@/lib/wire/codec'

interface Sight {
  views: number // tile and large view may show the same person
  since: number
  told: number
}

const TICK_MS = 1000

export class Looks {
  private readonly sights = new Map<number, Sight>()
  private readonly ticker = setInterval(() => this.tick(), TICK_MS)

  constructor(
    readonly session: number,
    private readonly socket: LiveSocket,
  ) {}

  close(): void {
    clearInterval(this.ticker)
  }

  /** From here on the candidate is in sight; the result ends it. */
  begin(attempt: number): () => void {
    const sight = this.sights.get(attempt)
    if (sight) sight.views++
    else this.sights.set(attempt, { views: 1, since: clock.device(), told: -Infinity })
    let open = true
    return () => {
      if (open) this.end(attempt)
      open = false
    }
  }

  private end(attempt: number): void {
    const sight = this.sights.get(attempt)
    if (sight && --sight.views === 0) this.sights.delete(attempt)
  }

  private tick(): void {
    const at = clock.device()
    const away = document.visibilityState !== 'visible'
    const seen: number[] = []
    for (const [attempt, sight] of this.sights) {
      if (away) sight.since = at
      if (at - sight.since < limits.LOOK_MS || at - sight.told < limits.LOOK_EVERY_MS) continue
      sight.told = at
      seen.push(attempt)
    }
    if (seen.length === 0) return
    const attempts = encodeTargets(seen.slice(0, limits.WATCH_STREAMS_MAX))
    this.socket.sendMessage({ kind: 'look', session: this.session, attempts })
  }
}
