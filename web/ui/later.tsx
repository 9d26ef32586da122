// A part of a page that is fetched behind the page, so that the page itself opens sooner: when the browser
// has nothing else to do, or at the latest when it is first shown.
import type { ComponentType, JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Banner } from '@/ui/feedback'
import { t } from '@/ui/text'

export function later<P extends object>(
  load: () => Promise<ComponentType<P>>,
): (props: P) => JSX.Element | null {
  let found: ComponentType<P> | null = null
  globalThis.requestIdleCallback?.(() => void load().catch(() => undefined))
  return function Later(props: P): JSX.Element | null {
    const [Part, setPart] = useState<ComponentType<P> | null>(() => found)
    const [failed, setFailed] = useState(false)
    useEffect(() => {
      if (Part) return
      load().then(
        (part) => {
          found = part
          setPart(() => part)
        },
        () => setFailed(true),
      )
    }, [])
    if (failed) return <Banner tone="warn">{t('part.failed')}</Banner>
    return Part ? <Part {...props} /> : null
  }
}
