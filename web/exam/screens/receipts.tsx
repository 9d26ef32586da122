// The way to the receipts of this device: after handing in, and in the help drawer.
import type { JSX } from 'preact'
import type { Exam } from '@/exam/exam'
import { downloadReceipts, hasReceipts } from '@/exam/receipts'
import { t } from '@/exam/text'
import { Button } from '@/ui'

export function Receipts(props: { exam: Exam; heading: 'h2' | 'h3' }): JSX.Element | null {
  const { exam, heading: Heading } = props
  if (!hasReceipts(exam)) return null
  return (
    <section class="stack-small">
      <Heading>{t('receipts.title')}</Heading>
      <p class="muted small">
        {t('receipts.text')}{' '}
        <a href="/receipt/" target="_blank">
          {t('receipts.page')}
        </a>
      </p>
      <div>
        <Button onClick={() => downloadReceipts(exam)}>{t('receipts.get')}</Button>
      </div>
    </section>
  )
}
