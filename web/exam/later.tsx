// A part of the page that is fetched when it is first shown: what few people see, or not at first, does
// not make everybody wait. The service worker keeps it with the rest.
import { signal } from '@preact/signals'
import type { ComponentType, JSX } from 'preact'
import { useEffect } from 'preact/hooks'

const RETRY_MS = 2000

/** load() answers the component; meanwhile, and while it cannot be fetched, `meanwhile` is shown. */
export function later<P extends object>(
  load: () => Promise<ComponentType<P>>,
  meanwhile: JSX.Element | null = null,
): (props: P) => JSX.Element | null {
  const part = signal<ComponentType<P> | null>(null)
  const fetch = (): void =>
    void load().then(
      (loaded) => (part.value = loaded),
      () => setTimeout(fetch, RETRY_MS),
    )
  return function Later(props: P): JSX.Element | null {
    useEffect(() => {
      if (!part.peek()) fetch()
    }, [])
    const Part = part.value
    return Part ? <Part {...props} /> : meanwhile
  }
}
