// The way to the receipts of this device: after handing in, and in the help drawer.
import type { JSX } from 'preact'
import type { Exam } from '@/exam/exam'
import { t } from '@/exam/text'
import { Button } from '@/ui'

export function Receipts(props: { exam: Exam; heading: 'h2' | 'h3' }): JSX.Element | null {
  const { exam, heading: Heading } = props
  if (!exam.journal.receipts().length) return null
  // Asked for once, if at all: loaded then.
  const get = async (): Promise<void> => {
    const { downloadReceipts } = await import('@/exam/receipts')
    downloadReceipts(exam)
  }
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
        <Button onClick={() => void get()}>{t('receipts.get')}</Button>
      </div>
    </section>
  )
}
