// Loads the report for a page that shows it.
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { linkTo } from '@/staff/place'
import { ErrorState, Icon, Loading } from '@/ui'
import { useLive } from '../context.ts'
import { entriesOf, failed, lines, loadReport, type Entry } from './lines.ts'
import { t } from './text.ts'

export function Report(props: {
  title: string
  buttons: (entries: Entry[]) => JSX.Element
  children: (entries: Entry[]) => JSX.Element
}): JSX.Element {
  const { monitor } = useLive()
  void monitor.pulse.value
  useEffect(() => {
    lines.value = null
    void loadReport(monitor.session)
  }, [])
  const entries = entriesOf(monitor.all())
  return (
    <div class="report-page stack">
      <div class="row row-apart report-head">
        <h2>{props.title}</h2>
        <div class="row report-do">
          {lines.value ? props.buttons(entries) : null}
          <a class="button dense" {...linkTo({ session: monitor.session })}>
            <Icon name="back" size="1em" /> {t('back')}
          </a>
        </div>
      </div>
      {failed.value ? (
        <ErrorState title={t('failed')} onRetry={() => void loadReport(monitor.session)}>
          {failed.value}
        </ErrorState>
      ) : !lines.value ? (
        <Loading />
      ) : (
        props.children(entries)
      )}
    </div>
  )
}
