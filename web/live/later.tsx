// Parts of the page that are loaded when they are asked for.
import type { ComponentType, JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { ErrorState, Loading } from '@/ui'
import { t } from './text.ts'

type Reports = typeof import('./report/index.tsx')
export type ReportName = keyof Reports

export function Later({ name }: { name: ReportName }): JSX.Element {
  const [part, setPart] = useState<{ shown: ComponentType } | 'failed' | null>(null)
  const load = (): void => {
    setPart(null)
    void import('./report/index.tsx').then(
      (parts) => setPart({ shown: parts[name] }),
      () => setPart('failed'),
    )
  }
  useEffect(load, [name])
  if (part === 'failed') return <ErrorState title={t('part.failed')} onRetry={load} />
  if (!part) return <Loading />
  return <part.shown />
}
