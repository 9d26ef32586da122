// Of several tabs of one browser one leads an exam: it holds a lock of that name. Another tab waits and
// goes on when the first is closed, or takes the lock when the person says so; the first then stops, and
// takes nothing back by itself. Browsers without locks leave it to the server, which closes the older
// connection.

const nameOf = (attempt: number): string => `invigil-exam-${attempt}`

/** A tab that is being reloaded holds its lock for a moment longer. */
const PATIENCE_MS = 700

export interface Lead {
  /** Gives the lead back, so that another tab may have it. */
  release(): void
}

/** Takes the lead, now or when the other tab is closed. waits(): another tab has it. lost(): this one
 * had it, and another took it. */
export function takeLead(
  attempt: number,
  on: { lead: () => void; waits: () => void; lost: () => void },
  steal = false,
): Lead {
  const locks = navigator.locks as LockManager | undefined
  if (!locks) {
    on.lead()
    return { release: () => undefined }
  }
  const stop = new AbortController()
  let release = (): void => stop.abort()
  let leads = false
  const patience = setTimeout(on.waits, PATIENCE_MS)
  const held = (): Promise<void> => {
    clearTimeout(patience)
    leads = true
    on.lead()
    return new Promise((resolve) => (release = resolve))
  }
  // The browser takes no signal together with steal.
  const options: LockOptions = steal ? { steal } : { signal: stop.signal }
  void locks.request(nameOf(attempt), options, held).catch(() => {
    clearTimeout(patience)
    if (leads) on.lost()
  })
  return { release: () => release() }
}
