// A part of a page that is fetched behind the page, so that the page itself opens sooner: when the browser
// has nothing else to do, or at the latest when it is first shown.
import type { ComponentType, JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Banner } from '@/ui/feedback'
import { t } from '@/ui/text'

/** What stands in the place of a part: for a whole screen more than for a corner. */
export interface Instead {
  waiting: () => JSX.Element | null
  failed: (again: () => void) => JSX.Element
}

const CORNER: Instead = {
  waiting: () => null,
  failed: () => <Banner tone="warn">{t('part.failed')}</Banner>,
}

export function later<P extends object>(
  load: () => Promise<ComponentType<P>>,
  instead = CORNER,
): (props: P) => JSX.Element | null {
  let found: ComponentType<P> | null = null
  globalThis.requestIdleCallback?.(() => void load().catch(() => undefined))
  return function Later(props: P): JSX.Element | null {
    const [Part, setPart] = useState<ComponentType<P> | null>(() => found)
    const [failed, setFailed] = useState(false)
    const begin = (): void => {
      setFailed(false)
      load().then(
        (part) => {
          found = part
          setPart(() => part)
        },
        () => setFailed(true),
      )
    }
    useEffect(() => {
      if (!Part) begin()
    }, [])
    if (failed) return instead.failed(begin)
    return Part ? <Part {...props} /> : instead.waiting()
  }
}
