// Of several tabs of one browser one leads an exam: it holds a lock of that name. Another tab says so, and
// takes the lock when the person wants it; the first then stops. No tab takes it by itself, so that none
// gets it while the one that leads is being reloaded. Browsers without locks leave it to the server, which
// closes the older connection.

const nameOf = (attempt: number): string => `invigil-exam-${attempt}`

/** A tab that is being reloaded or closed holds its lock for a moment longer. */
const PATIENCE_MS = 1000

export interface Lead {
  /** Gives the lead back, so that another tab may have it. */
  release(): void
}

/** other(): another tab leads, from the beginning or because it took the lead from this one. */
export function takeLead(
  attempt: number,
  on: { lead: () => void; other: () => void },
  steal = false,
): Lead {
  const locks = navigator.locks as LockManager | undefined
  if (!locks) {
    on.lead()
    return { release: () => undefined }
  }
  const stop = new AbortController()
  let release = (): void => stop.abort()
  const patience = setTimeout(() => stop.abort(), PATIENCE_MS)
  const held = (): Promise<void> => {
    clearTimeout(patience)
    on.lead()
    return new Promise((resolve) => (release = resolve))
  }
  // The browser takes no signal together with steal.
  const options: LockOptions = steal ? { steal } : { signal: stop.signal }
  void locks.request(nameOf(attempt), options, held).catch(on.other)
  return { release: () => release() }
}
