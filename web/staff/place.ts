// Where in a page the person is: the query of the address, so that every file of the page is found
// under one path, and back, forward and bookmarks work.
import { signal } from '@preact/signals'

const read = (): URLSearchParams => new URLSearchParams(location.search)

export const place = signal(read())

addEventListener('popstate', () => (place.value = read()))

export type Place = Record<string, string | number | undefined>

/** The address of a place in this page. */
export function placeHref(to: Place): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(to))
    if (value !== undefined) query.set(name, String(value))
  const text = query.toString()
  return text ? `?${text}` : location.pathname
}

export function go(to: Place, how: 'push' | 'replace' = 'push'): void {
  history[how === 'push' ? 'pushState' : 'replaceState'](null, '', placeHref(to))
  place.value = read()
}

/** A number of the address; 0: none. */
export function placeNumber(name: string): number {
  const value = Number(place.value.get(name))
  return Number.isSafeInteger(value) && value > 0 ? value : 0
}

/** For links inside the page: plain clicks stay in it, all others are the browser's. */
export function linkTo(to: Place): { href: string; onClick: (event: MouseEvent) => void } {
  return {
    href: placeHref(to),
    onClick: (event) => {
      if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
        return
      event.preventDefault()
      go(to)
      scrollTo(0, 0)
    },
  }
}
