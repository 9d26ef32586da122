// How the session goes, in figures: for planners and leads, and read only.
import type { JSX } from 'preact'
import { formatLength } from '@/lib/clock'
import { formatNumber } from '@/lib/i18n'
import { Progress } from '@/ui'
import { useLive } from '../context.ts'
import { figuresOf, type Share } from '../model/figures.ts'
import { Histogram } from './chart.tsx'
import { t } from './text.ts'

function ShareCard({
  title,
  note,
  share,
}: {
  title: string
  note: string
  share: Share
}): JSX.Element {
  const percent = share.of ? Math.round((share.part / share.of) * 100) : 0
  return (
    <section class="card stack-small">
      <h3>{title}</h3>
      <p class="figure numbers">{share.of ? t('percent', { n: percent }) : '–'}</p>
      <Progress value={share.part} max={share.of} label={title} />
      <p class="muted small">
        {t(note === 'completion' ? 'completion.note' : 'participation.note', { ...share })}
      </p>
    </section>
  )
}

export function Numbers(): JSX.Element {
  const { monitor } = useLive()
  void monitor.pulse.value
  const figures = figuresOf(monitor.all())
  return (
    <div class="report-page stack">
      <h2>{t('numbers')}</h2>
      <div class="figures">
        <ShareCard title={t('participation')} note="participation" share={figures.participation} />
        <ShareCard title={t('completion')} note="completion" share={figures.completion} />
        <section class="card stack-small">
          <h3>{t('average')}</h3>
          <p class="figure numbers">{figures.done ? formatLength(figures.averageMs) : '–'}</p>
          <p class="muted small">{t('average.note', { n: figures.done })}</p>
        </section>
        <Histogram
          title={t('progress')}
          note={t('progress.note', { n: formatNumber(figures.begun) })}
          bars={figures.progress}
          unit={t('progress.unit')}
          n={figures.begun}
        />
        <Histogram
          title={t('scores')}
          note={t('scores.note', { n: formatNumber(figures.scored) })}
          bars={figures.scores}
          unit={t('scores.unit')}
          n={figures.scored}
        />
      </div>
    </div>
  )
}
