// Data of a page as one of: not there yet, there, refused.
import { signal, type Signal } from '@preact/signals'
import type { Answer, Refused } from '@/lib/api'

export type Loaded<T> = { value: T } | Refused | null

export class Loader<T> {
  readonly state: Signal<Loaded<T>> = signal(null)

  constructor(private readonly ask: () => Promise<Answer<T>>) {}

  readonly load = async (): Promise<void> => {
    const answer = await this.ask()
    // What is on the screen stays there when a later try fails.
    if (answer.ok || !this.state.value || 'ok' in this.state.value)
      this.state.value = answer.ok ? { value: answer.value } : answer
  }

  get value(): T | null {
    const state = this.state.value
    return state && !('ok' in state) ? state.value : null
  }
}
