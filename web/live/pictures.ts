// The live pictures of one session: which are shown, and the key that opens them.
import { effect, signal } from '@preact/signals'
import { api } from '@/lib/api'
import { openSessionKey, type Identity, type SessionKey } from '@/lib/keys'
import { openViewer, type Viewer } from '@/lib/media/viewer'
import type { LiveSocket } from '@/lib/socket'
import { identity, unlocked } from '@/staff/identity'

/** none: the person has no key for this session. */
export type Lock = 'asking' | 'locked' | 'none' | 'open' | 'failed'

interface StoredKey {
  public_key: string
  wrapped: string
}

export class Pictures {
  readonly lock = signal<Lock>('asking')
  readonly viewer: Viewer
  /** For pictures that are stored, not live. */
  readonly sessionKey = signal<SessionKey | null>(null)
  private stored: StoredKey | null = null
  private readonly stop: () => void

  constructor(
    readonly session: number,
    socket: LiveSocket,
  ) {
    this.viewer = openViewer({ socket, session, sessionKey: null })
    // Unlocked elsewhere in this tab, from the account menu.
    this.stop = effect(() => {
      const own = identity.value
      if (own) void this.openWith(own)
    })
    void this.look()
  }

  close(): void {
    this.stop()
    this.viewer.close()
  }

  private async look(): Promise<void> {
    const answer = await api<StoredKey>('session_key', { id: this.session })
    if (!answer.ok) {
      this.lock.value = answer.refusal === 'OFFLINE' ? 'failed' : 'none'
      return
    }
    this.stored = answer.value
    if (!answer.value.wrapped) this.lock.value = 'none'
    else if (identity.peek()) await this.openWith(identity.peek()!)
    else this.lock.value = 'locked'
  }

  private async openWith(own: Identity): Promise<void> {
    if (!this.stored?.wrapped || this.lock.peek() === 'open') return
    try {
      const key = await openSessionKey(own, this.stored)
      this.viewer.setSessionKey(key)
      this.sessionKey.value = key
      this.lock.value = 'open'
    } catch {
      this.lock.value = 'failed'
    }
  }

  async unlock(): Promise<void> {
    // A planner may have given the key meanwhile.
    if (this.lock.peek() !== 'locked') await this.look()
    if (this.lock.peek() === 'none' || this.lock.peek() === 'open') return
    const own = await unlocked()
    if (own) await this.openWith(own)
  }
}
