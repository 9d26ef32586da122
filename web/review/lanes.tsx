// The time line: lanes of state, flags, pictures, answers, messages and actions over the same time as
// the pictures. What is here is also in lists; the lanes are for the eye and the pointer.
import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { JSX } from 'preact'
import { formatMinute, formatTime } from '@/lib/clock'
import { flagWord, eventText } from '@/live/words'
import { markWord, severityWord } from '@/ui/marks'
import { LEVEL_MS } from '@/lib/media/sound'
import { Button } from '@/ui'
import type { Case } from './case.ts'
import { SOUND, type LaneId, type Span } from './model/recording.ts'
import type { Point } from './model/timeline.ts'
import type { Level } from './sound.ts'
import { chooseFlag } from './stage.tsx'
import { t } from './text.ts'

/** The part of the time that is shown; null: all of it. */
const view = signal<Span | null>(null)

interface Scale extends Span {
  at(t: number): string
  length(span: Span): string
}

function scaleOf(span: Span): Scale {
  const whole = Math.max(1, span.to - span.from)
  const percent = (ms: number): string => `${Math.round((ms / whole) * 1e5) / 1e3}%`
  return {
    ...span,
    at: (at) => percent(Math.min(Math.max(at, span.from), span.to) - span.from),
    length: ({ from, to }) =>
      percent(Math.max(0, Math.min(to, span.to) - Math.max(from, span.from))),
  }
}

const inside = (span: Span, scale: Scale): boolean => span.to >= scale.from && span.from <= scale.to
const block = (span: Span, scale: Scale) => ({
  insetInlineStart: scale.at(span.from),
  inlineSize: scale.length(span),
})

function StateLane({ of, scale }: { of: Case; scale: Scale }): JSX.Element {
  return (
    <>
      {of.timeline.value.bands
        .filter((band) => inside(band, scale))
        .map((band) => (
          <span
            key={band.from}
            class={`band band-${band.mark}`}
            style={block(band, scale)}
            title={`${markWord(band.mark)}, ${formatTime(band.from)} – ${formatTime(band.to)}`}
          >
            {markWord(band.mark)}
          </span>
        ))}
    </>
  )
}

function FlagLane({ of, scale }: { of: Case; scale: Scale }): JSX.Element {
  return (
    <>
      {of.timeline.value.flags
        .filter((flag) => inside(flag, scale))
        .map((flag) => (
          <span
            key={flag.flag}
            data-flag={flag.flag}
            data-at={flag.from}
            class={`lane-flag severity-${flag.severity} decision-${flag.decision}${flag.flag === of.chosen.value ? ' chosen' : ''}`}
            style={block(flag, scale)}
            title={`${flagWord(flag.type)}, ${severityWord(flag.severity)}, ${formatTime(flag.from)}`}
          />
        ))}
    </>
  )
}

function PictureLane(props: { of: Case; scale: Scale; track: LaneId }): JSX.Element {
  const { of, scale, track } = props
  const recording = of.recording.value
  const all = track === SOUND ? recording?.sound : recording?.tracks[track]
  const [first, last] = [all?.[0], all?.at(-1)]
  return (
    <>
      {first && last ? (
        <span class="lane-pictures" style={block({ from: first.t, to: last.t }, scale)} />
      ) : null}
      {of.gaps.value[track]
        .filter((gap) => inside(gap, scale))
        .map((gap) => {
          const words = t(`gap.${gap.cause}`, { track: t(`track.${track}`) })
          const title = `${words}, ${formatTime(gap.from)} – ${formatTime(gap.to)}`
          return (
            <span key={gap.from} class="lane-gap hatched" style={block(gap, scale)} title={title}>
              {words}
            </span>
          )
        })}
      {(of.recording.value?.holes ?? [])
        .filter((hole) => hole.stream === track && hole.t >= scale.from && hole.t <= scale.to)
        .map((hole) => (
          <span
            key={`${hole.epoch}/${hole.fromSeq}`}
            class="lane-hole"
            style={{ insetInlineStart: scale.at(hole.t) }}
            title={t('lane.hole', { n: hole.toSeq - hole.fromSeq + 1 })}
          />
        ))}
    </>
  )
}

const COLUMNS = 600

/** The loudest of each column, as an outline from the bottom. */
function loudnessPath(levels: readonly Level[], scale: Scale): string {
  const columns = new Float32Array(COLUMNS)
  for (const { t: at, level } of levels) {
    const column = Math.floor(((at - scale.from) / (scale.to - scale.from)) * COLUMNS)
    if (column >= 0 && column < COLUMNS) columns[column] = Math.max(columns[column]!, level)
  }
  // A second that is wider than a column is drawn as wide as it is.
  const width = Math.max(1, Math.ceil((LEVEL_MS / (scale.to - scale.from)) * COLUMNS))
  let path = 'M0 255'
  for (let x = 0; x < COLUMNS; x++) {
    const loudest = Math.max(...columns.subarray(x, Math.min(COLUMNS, x + width)))
    path += `L${x} ${255 - loudest}`
  }
  return `${path}L${COLUMNS} 255z`
}

function Loudness({ of, scale }: { of: Case; scale: Scale }): JSX.Element | null {
  const levels = of.player.value?.levels.value ?? []
  if (!levels.length) return null
  return (
    <svg
      class="lane-loudness"
      viewBox={`0 0 ${COLUMNS} 255`}
      preserveAspectRatio="none"
      role="img"
      aria-label={t('lane.sound')}
    >
      <path d={loudnessPath(levels, scale)} />
    </svg>
  )
}

function PointLane(props: { points: readonly Point[]; scale: Scale; look: string }): JSX.Element {
  const { points, scale, look } = props
  return (
    <>
      {points
        .filter((point) => point.t >= scale.from && point.t <= scale.to)
        .map(({ t: at, event }) => (
          <span
            key={event.ver}
            data-at={at}
            class={`lane-point ${look}`}
            style={{ insetInlineStart: scale.at(at) }}
            title={`${formatTime(at)} ${eventText(event) ?? ''}`}
          />
        ))}
    </>
  )
}

const STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200].map(
  (s) => s * 1000,
)

const narrow = matchMedia('(max-width: 40rem)')

function Ruler({ scale }: { scale: Scale }): JSX.Element {
  const most = narrow.matches ? 3 : 9
  const step =
    STEPS_MS.find((ms) => (scale.to - scale.from) / ms <= most) ?? (scale.to - scale.from) / most
  const marks: number[] = []
  for (let at = Math.ceil(scale.from / step) * step; at <= scale.to; at += step) marks.push(at)
  const format = step < 60_000 ? formatTime : formatMinute
  return (
    <div class="lane-ruler numbers" aria-hidden="true">
      {marks.map((at) => (
        <span key={at} style={{ insetInlineStart: scale.at(at) }}>
          {format(at)}
        </span>
      ))}
    </div>
  )
}

function zoom(of: Case, factor: number): void {
  const whole = of.span.value
  const now = view.value ?? whole
  const length = Math.max(10_000, (now.to - now.from) * factor)
  if (length >= whole.to - whole.from) return void (view.value = null)
  const middle = of.player.peek()?.t.peek() ?? (now.from + now.to) / 2
  const from = Math.min(Math.max(middle - length / 2, whole.from), whole.to - length)
  view.value = { from, to: from + length }
}

/** Keeps the shown part around the player's instant. */
function follow(of: Case, at: number): void {
  const shown = view.peek()
  if (!shown || (at >= shown.from && at <= shown.to)) return
  const whole = of.span.peek()
  const length = shown.to - shown.from
  const from = Math.min(Math.max(at - length / 10, whole.from), whole.to - length)
  view.value = { from, to: from + length }
}

function Cursor({ of, scale }: { of: Case; scale: Scale }): JSX.Element | null {
  const player = of.player.value
  if (!player) return null
  const at = player.t.value
  if (at < scale.from || at > scale.to) return null
  return <span class="lane-cursor" style={{ insetInlineStart: scale.at(at) }} />
}

function Lane(props: { name: string; children: JSX.Element; tall?: boolean }): JSX.Element {
  return (
    <>
      <span class="lane-name">{props.name}</span>
      <div class={`lane ${props.tall ? 'tall' : ''}`}>{props.children}</div>
    </>
  )
}

function pointed(of: Case, scale: Scale, event: PointerEvent): void {
  const area = event.currentTarget as HTMLElement
  const lane = area.querySelector('.lane-ruler')?.getBoundingClientRect()
  if (!lane || event.button !== 0 || event.clientX < lane.left - 4) return
  const mark = (event.target as HTMLElement).closest<HTMLElement>('[data-at]')
  const share = Math.min(1, Math.max(0, (event.clientX - lane.left) / lane.width))
  const at =
    mark && event.type === 'pointerdown'
      ? Number(mark.dataset.at)
      : scale.from + share * (scale.to - scale.from)
  if (mark?.dataset.flag && event.type === 'pointerdown')
    return chooseFlag(of, Number(mark.dataset.flag), at)
  of.player.peek()?.seek(at)
}

function Position({ of, scale }: { of: Case; scale: Scale }): JSX.Element | null {
  const player = of.player.value
  if (!player) return null
  return (
    <input
      class="lane-position"
      type="range"
      min={Math.round(scale.from)}
      max={Math.round(scale.to)}
      step={100}
      value={Math.round(player.t.value)}
      aria-label={t('play.position')}
      aria-valuetext={formatTime(player.t.value)}
      onInput={(event) => player.seek(Number(event.currentTarget.value))}
      onKeyDown={(event) => {
        const by = event.key === 'ArrowLeft' ? -2000 : event.key === 'ArrowRight' ? 2000 : 0
        if (!by) return
        event.preventDefault()
        event.stopPropagation()
        player.skip(event.shiftKey ? by * 5 : by)
      }}
    />
  )
}

export function Lanes({ of }: { of: Case }): JSX.Element {
  const scale = scaleOf(view.value ?? of.span.value)
  const { answers, chat, actions } = of.timeline.value
  const player = of.player.value
  useEffect(() => player?.t.subscribe((at) => follow(of, at)), [player])
  useEffect(() => () => void (view.value = null), [of])
  return (
    <section class="lanes-box" aria-label={t('lane.label')}>
      <div class="row row-apart lanes-head">
        <Position of={of} scale={scale} />
        <span class="control-group" role="group" aria-label={t('lane.zoom')}>
          <Button size="dense" onClick={() => zoom(of, 1 / 2)}>
            {t('lane.zoom.in')}
          </Button>
          <Button size="dense" onClick={() => zoom(of, 2)}>
            {t('lane.zoom.out')}
          </Button>
          <Button size="dense" disabled={!view.value} onClick={() => (view.value = null)}>
            {t('lane.zoom.all')}
          </Button>
        </span>
      </div>
      <div
        class="lanes"
        onPointerDown={(event) => pointed(of, scale, event)}
        onPointerMove={(event) => event.buttons === 1 && pointed(of, scale, event)}
      >
        <Lane name={t('lane.state')} tall>
          <StateLane of={of} scale={scale} />
        </Lane>
        <Lane name={t('lane.flags')}>
          <FlagLane of={of} scale={scale} />
        </Lane>
        {of.tracks.value.map((track) => (
          <Lane key={track} name={t(`track.${track}`)}>
            <PictureLane of={of} scale={scale} track={track} />
          </Lane>
        ))}
        {of.hasSound.value ? (
          <Lane name={t('track.9')} tall>
            <>
              <PictureLane of={of} scale={scale} track={SOUND} />
              <Loudness of={of} scale={scale} />
            </>
          </Lane>
        ) : null}
        <Lane name={t('lane.answers')}>
          <PointLane points={answers} scale={scale} look="answer" />
        </Lane>
        <Lane name={t('lane.chat')}>
          <PointLane points={chat} scale={scale} look="chat" />
        </Lane>
        <Lane name={t('lane.actions')}>
          <PointLane points={actions} scale={scale} look="action" />
        </Lane>
        <span class="lane-name" />
        <Ruler scale={scale} />
        <div class="lane-over" aria-hidden="true">
          <Cursor of={of} scale={scale} />
        </div>
      </div>
    </section>
  )
}
