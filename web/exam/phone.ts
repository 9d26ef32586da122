// The phone that is the second camera, as the candidate's page sees it: whether it is there and well.
import { signal } from '@preact/signals'
import type { LiveSocket } from '@/lib/socket'

export interface PhoneState {
  connected: boolean
  /** Percent; 255: not known. */
  battery: number
  /** As in the message phone_report of schema/wire.def. */
  problem: number
}

export class PhoneLink {
  readonly state = signal<PhoneState | null>(null)
  private readonly stop: () => void

  constructor(socket: LiveSocket) {
    this.stop = socket.on('phone_state', ({ connected, battery, problem }) => {
      this.state.value = { connected: connected !== 0, battery, problem }
    })
  }

  close(): void {
    this.stop()
  }
}
