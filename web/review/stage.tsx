// The pictures of the player and its controls.
import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { JSX } from 'preact'
import { formatSpan, formatTime } from '@/lib/clock'
import { Banner, Button, Icon, type IconName } from '@/ui'
import type { Case } from './case.ts'
import { gapAt, type TrackId } from './model/recording.ts'
import { neighbourFlag } from './model/timeline.ts'
import { SPEEDS, type Player } from './player.ts'
import { SPEED_MOST } from './sound.ts'
import { t } from './text.ts'

export type Layout = 'equal' | TrackId
export const layout = signal<Layout>('equal')

export function nextLayout(of: Case): void {
  const order: readonly Layout[] = ['equal', ...of.tracks.peek()]
  layout.value = order[(order.indexOf(layout.value) + 1) % order.length] ?? 'equal'
}

/** What stands over a picture, or instead of it. */
function overlay(of: Case, player: Player, track: TrackId): string {
  const gap = gapAt(of.gaps.value[track], player.t.value)
  if (gap) {
    const what = t(`gap.${gap.cause}`, { track: t(`track.${track}`) })
    return t('gap.until', { what, time: formatTime(gap.to) })
  }
  const { status } = player.tracks[track].value
  return status === 'shown' ? '' : t(`status.${status}`)
}

function TrackView(props: { of: Case; player: Player; track: TrackId }): JSX.Element {
  const { of, player, track } = props
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    if (canvas.current) player.setCanvas(track, canvas.current)
  }, [player])
  const words = overlay(of, player, track)
  const gap = gapAt(of.gaps.value[track], player.t.value)
  const blank = gap || player.tracks[track].value.status !== 'shown'
  const large = layout.value === track ? 'large' : ''
  return (
    <figure class={`track ${large}`} data-track={track}>
      <canvas
        ref={canvas}
        width={track === 1 ? 1280 : 640}
        height={track === 1 ? 720 : 480}
        role="img"
        aria-label={t(`track.${track}`)}
      />
      {blank ? (
        <div class={`track-cover ${gap ? 'hatched' : ''}`}>
          <span>{words}</span>
        </div>
      ) : null}
      <figcaption>{t(`track.${track}`)}</figcaption>
    </figure>
  )
}

function LockNotice({ of }: { of: Case }): JSX.Element | null {
  const lock = of.lock.value
  if (lock === 'locked')
    return (
      <Banner
        icon="lock"
        title={t('lock.title')}
        actions={
          <Button look="primary" onClick={() => void of.unlock()}>
            {t('lock.do')}
          </Button>
        }
      >
        {t('lock.help')}
      </Banner>
    )
  if (lock === 'none' || lock === 'failed')
    return (
      <Banner tone="warn" icon="lock" title={t(`lock.${lock}.title`)}>
        {t(`lock.${lock}.help`)}
      </Banner>
    )
  return null
}

function Missing({ of, player }: { of: Case; player: Player | null }): JSX.Element {
  const missing = (player?.missing.value ?? []).reduce((n, one) => n + one.count, 0)
  const holes = (of.recording.value?.holes ?? []).reduce(
    (n, hole) => n + hole.toSeq - hole.fromSeq + 1,
    0,
  )
  return (
    <>
      {of.closedEpochs.value ? (
        <Banner tone="warn" icon="lock">
          {t('lock.partial', { n: of.closedEpochs.value })}
        </Banner>
      ) : null}
      {holes ? (
        <Banner tone="warn" title={t('holes.title')}>
          {t('holes.help', { n: holes })}
        </Banner>
      ) : null}
      {missing > holes ? (
        <Banner tone="warn" title={t('missing.title')}>
          {t('missing.help', { n: missing - holes })}
        </Banner>
      ) : null}
    </>
  )
}

function Control(props: {
  icon: IconName
  label: string
  onClick: () => void
  children?: string
}): JSX.Element {
  return (
    <button
      type="button"
      class="button quiet control"
      aria-label={props.label}
      title={props.label}
      onClick={props.onClick}
    >
      <Icon name={props.icon} />
      {props.children ? <span aria-hidden="true">{props.children}</span> : null}
    </button>
  )
}

function Clock({ of, player }: { of: Case; player: Player }): JSX.Element {
  const at = player.t.value
  const { beganAt } = of.timeline.value
  const elapsed = at - beganAt
  const words = {
    time: formatTime(at),
    elapsed: formatSpan(Math.floor(Math.abs(elapsed) / 1000) * 1000),
  }
  return (
    <span class="player-clock numbers">
      {beganAt ? t(elapsed < 0 ? 'play.before' : 'play.now', words) : words.time}
      {player.waiting.value ? <span class="muted"> · {t('play.waiting')}</span> : null}
    </span>
  )
}

export function toFlag(of: Case, forward: boolean): void {
  const player = of.player.peek()
  const from =
    player?.t.peek() ?? of.timeline.peek().flags.find((f) => f.flag === of.chosen.peek())?.from
  const flag = neighbourFlag(of.timeline.peek().flags, from ?? 0, forward)
  if (flag) chooseFlag(of, flag.flag, flag.from)
}

export function chooseFlag(of: Case, flag: number, from: number): void {
  of.chosen.value = flag
  of.player.peek()?.seek(from)
}

function Mute({ player }: { player: Player }): JSX.Element {
  const muted = player.muted.value
  const fast = player.speed.value > SPEED_MOST
  return (
    <span class="control-group">
      <Button
        size="dense"
        class="control"
        icon={muted || fast ? 'mute' : 'sound'}
        aria-pressed={muted}
        onClick={() => player.mute()}
      >
        {t('play.mute')}
      </Button>
      {fast && !muted ? (
        <span class="muted small">{t('play.fast', { speed: SPEED_MOST })}</span>
      ) : null}
    </span>
  )
}

function Selects({ of, player }: { of: Case; player: Player }): JSX.Element {
  const layouts: readonly Layout[] = ['equal', ...of.tracks.value]
  return (
    <>
      <label class="control-select">
        <span class="visually-hidden">{t('play.speed')}</span>
        <select
          class="input"
          value={String(player.speed.value)}
          onChange={(event) => player.setSpeed(Number(event.currentTarget.value))}
        >
          {SPEEDS.map((speed) => (
            <option key={speed} value={String(speed)}>
              {speed}×
            </option>
          ))}
        </select>
      </label>
      {layouts.length > 2 ? (
        <label class="control-select">
          <span class="visually-hidden">{t('play.layout')}</span>
          <select
            class="input"
            value={String(layout.value)}
            onChange={(event) => {
              layout.value = layouts[event.currentTarget.selectedIndex] ?? 'equal'
            }}
          >
            {layouts.map((one) => (
              <option key={one} value={String(one)}>
                {t(`play.layout.${one}`)}
              </option>
            ))}
          </select>
        </label>
      ) : null}
    </>
  )
}

function Controls({ of, player }: { of: Case; player: Player }): JSX.Element {
  const playing = player.playing.value
  return (
    <div class="player-controls" role="group" aria-label={t('play')}>
      <Button
        look="primary"
        icon={playing ? 'pause' : 'play'}
        class="control-play"
        onClick={() => player.toggle()}
      >
        {playing ? t('pause') : t('play')}
      </Button>
      <span class="control-group">
        <Control icon="back" label={t('play.back')} onClick={() => player.skip(-10_000)}>
          10
        </Control>
        <Control icon="back" label={t('play.frame.back')} onClick={() => player.step(false)} />
        <Control icon="next" label={t('play.frame.forward')} onClick={() => player.step(true)} />
        <Control icon="next" label={t('play.forward')} onClick={() => player.skip(10_000)}>
          10
        </Control>
      </span>
      <span class="control-group">
        <Control icon="up" label={t('play.flag.back')} onClick={() => toFlag(of, false)} />
        <Icon name="mark" />
        <Control icon="down" label={t('play.flag.forward')} onClick={() => toFlag(of, true)} />
      </span>
      {of.hasSound.value ? <Mute player={player} /> : null}
      <Selects of={of} player={player} />
      <Clock of={of} player={player} />
    </div>
  )
}

export function Stage({ of }: { of: Case }): JSX.Element {
  const player = of.player.value
  if (of.lock.value === 'nothing')
    return (
      <Banner icon="camera" title={t('recording.none')}>
        {t('recording.none.help')}
      </Banner>
    )
  return (
    <section class="stage" aria-label={t('recording')}>
      <LockNotice of={of} />
      {of.lock.value === 'offline' && !player ? (
        <Banner
          tone="warn"
          title={t('recording.failed')}
          actions={<Button onClick={() => void of.loadRecording()}>{t('retry')}</Button>}
        />
      ) : null}
      <Missing of={of} player={player} />
      {player ? (
        <>
          <div class={`tracks layout-${layout.value} tracks-${of.tracks.value.length}`}>
            {of.tracks.value.map((track) => (
              <TrackView key={track} of={of} player={player} track={track} />
            ))}
          </div>
          <Controls of={of} player={player} />
        </>
      ) : null}
    </section>
  )
}
