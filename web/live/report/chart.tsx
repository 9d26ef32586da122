// Bars, drawn here, always with the same figures as a table.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Button } from '@/ui'
import type { Bar } from '../model/figures.ts'
import { t } from './text.ts'

const WIDTH = 320
const HEIGHT = 120
const FOOT = 18
const GAP = 4

function Drawn({
  title,
  bars,
  unit,
}: {
  title: string
  bars: readonly Bar[]
  unit: string
}): JSX.Element {
  const most = Math.max(1, ...bars.map((bar) => bar.count))
  const step = WIDTH / bars.length
  return (
    <svg
      class="chart"
      viewBox={`0 0 ${WIDTH} ${HEIGHT + FOOT}`}
      role="img"
      aria-label={`${title}. ${bars
        .filter((bar) => bar.count > 0)
        .map((bar) => `${bar.from}–${bar.to} ${unit}: ${bar.count}`)
        .join(', ')}`}
    >
      {bars.map((bar, index) => {
        const height = (bar.count / most) * (HEIGHT - FOOT)
        const x = index * step
        return (
          <g key={bar.from}>
            <rect x={x + GAP / 2} y={HEIGHT - height} width={step - GAP} height={height} />
            {bar.count > 0 ? (
              <text x={x + step / 2} y={HEIGHT - height - 4}>
                {bar.count}
              </text>
            ) : null}
            <text x={x + step / 2} y={HEIGHT + FOOT - 4}>
              {bar.from}
            </text>
          </g>
        )
      })}
      <line x1="0" y1={HEIGHT} x2={WIDTH} y2={HEIGHT} />
    </svg>
  )
}

function AsTable({
  title,
  bars,
  unit,
}: {
  title: string
  bars: readonly Bar[]
  unit: string
}): JSX.Element {
  return (
    <table class="table">
      <caption class="visually-hidden">{title}</caption>
      <thead>
        <tr>
          <th scope="col">{unit}</th>
          <th scope="col" class="end">
            {t('chart.count')}
          </th>
        </tr>
      </thead>
      <tbody>
        {bars.map((bar) => (
          <tr key={bar.from}>
            <th scope="row">
              {bar.from}–{bar.to}
            </th>
            <td class="end numbers">{bar.count}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

export function Histogram(props: {
  title: string
  note: string
  bars: readonly Bar[]
  unit: string
  /** How many are in it; none: says so instead of an empty frame. */
  n: number
}): JSX.Element {
  const [table, setTable] = useState(false)
  const { title, bars, unit } = props
  return (
    <section class="card stack-small">
      <div class="row row-apart">
        <h3>{title}</h3>
        {props.n > 0 ? (
          <Button size="dense" look="quiet" aria-pressed={table} onClick={() => setTable(!table)}>
            {t('chart.table')}
            <span class="visually-hidden"> {title}</span>
          </Button>
        ) : null}
      </div>
      <p class="muted small">{props.note}</p>
      {props.n === 0 ? (
        <p>{t('chart.empty')}</p>
      ) : table ? (
        <AsTable title={title} bars={bars} unit={unit} />
      ) : (
        <Drawn title={title} bars={bars} unit={unit} />
      )}
    </section>
  )
}
