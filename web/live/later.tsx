// Whole screens that are loaded behind the page.
import type { ComponentType } from 'preact'
import { ErrorState, later, Loading } from '@/ui'
import { t } from './text.ts'

export const laterScreen = (load: () => Promise<ComponentType>): ComponentType =>
  later(load, {
    waiting: () => <Loading />,
    failed: (again) => <ErrorState title={t('part.failed')} onRetry={again} />,
  })
