// Conversations with candidates.
import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { formatMinute } from '@/lib/clock'
import type { EventOf, Row } from '@/lib/gen/wire'
import { Button, Empty, Icon, Menu } from '@/ui'
import { useLive } from './context.ts'
import { LimitedText, tooLong } from './limited.tsx'
import { loadHistory } from './history.ts'
import { applies } from './model/mass.ts'
import type { Happening } from './store.ts'
import { presets } from './presets.ts'
import { t } from './text.ts'

/** Seen, there, or on its way: a device that was heard after it has it. */
function delivery(
  one: Happening,
  seen: number,
  row: Row | undefined,
): 'seen' | 'delivered' | 'waits' {
  if (one.ver <= seen) return 'seen'
  const there = row !== undefined && (row.connected === 1 || row.heard_ms > one.event.at_ms)
  return there ? 'delivered' : 'waits'
}

/** A line and whether the candidate has seen it. */
function Bubble({ one, seen }: { one: Happening; seen: number }): JSX.Element | null {
  const { monitor, control } = useLive()
  const { event } = one
  const row = monitor.row(one.attempt)?.value
  if (event.kind !== 'said' && event.kind !== 'messaged') return null
  const own = event.kind === 'messaged'
  const who = own
    ? (monitor.detail.value?.staff.find((person) => person.user === event.actor)?.name ??
      t('chat.you'))
    : control.nameOf(one.attempt)
  const state = own ? ` · ${t(`chat.${delivery(one, seen, row)}`)}` : ''
  return (
    <li class={own ? 'bubble bubble-own' : 'bubble'}>
      <p>{event.text}</p>
      <span class="small bubble-by">
        {who} · {formatMinute(event.at_ms)}
        {state}
      </span>
    </li>
  )
}

function seenUpTo(lines: readonly Happening[]): number {
  const seen = lines.filter((one) => one.event.kind === 'seen')
  return Math.max(0, ...seen.map((one) => (one.event as EventOf<'seen'>).upto_ver))
}

export function Conversation({ attempt }: { attempt: number }): JSX.Element {
  const { monitor, control } = useLive()
  const [text, setText] = useState('')
  const [preset, setPreset] = useState(0)
  const list = useRef<HTMLOListElement>(null)
  const lines = monitor.talk.value.get(attempt) ?? []
  const row = monitor.row(attempt)?.value
  const reachable = row !== undefined && applies(row, 'message')

  useEffect(() => {
    void loadHistory(monitor, attempt)
  }, [attempt])
  // Whoever reads what was before is not moved; neither is the field below.
  const atEnd = useRef(true)
  useLayoutEffect(() => {
    if (list.current && atEnd.current) list.current.scrollTop = list.current.scrollHeight
  }, [lines.length])

  const send = (): void => {
    const words = text.trim()
    if (!words || tooLong(words)) return
    setText('')
    setPreset(0)
    void control.act('message', { kind: 'message', preset, text: words }, [attempt])
  }

  return (
    <div class="conversation">
      <ol
        ref={list}
        class="bubbles"
        onScroll={({ currentTarget: box }) => {
          atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < 40
        }}
        aria-live="polite"
        tabIndex={0}
        aria-label={row?.name}
      >
        {lines.length === 0 ? <li class="muted">{t('chat.empty')}</li> : null}
        {lines.map((one) => (
          <Bubble key={one.ver} one={one} seen={seenUpTo(lines)} />
        ))}
      </ol>
      {reachable ? (
        <form
          class="stack-small"
          onSubmit={(event) => {
            event.preventDefault()
            send()
          }}
        >
          <LimitedText
            label={t('chat.write', { name: row.name })}
            value={text}
            rows={2}
            onInput={(value) => {
              setText(value)
              setPreset(0)
            }}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
              event.preventDefault()
              send()
            }}
          />
          <div class="row row-apart">
            <Menu
              label={t('chat.presets')}
              size="dense"
              entries={presets('message').map((entry) => ({
                label: entry.text,
                onSelect: () => {
                  setText(entry.text)
                  setPreset(entry.id)
                },
              }))}
            />
            <Button look="primary" size="dense" type="submit">
              {t('chat.send')}
            </Button>
          </div>
        </form>
      ) : (
        <p class="muted">{t('chat.closed')}</p>
      )}
    </div>
  )
}

function Threads(): JSX.Element {
  const { monitor, control } = useLive()
  void monitor.pulse.value
  const rows = new Map(monitor.all().map((row) => [row.attempt, row]))
  const withTalk = new Set([...monitor.talk.value.keys()])
  for (const row of rows.values()) if (row.unread > 0) withTalk.add(row.attempt)
  const last = (id: number): Happening | undefined =>
    monitor.talk.value.get(id)?.findLast((one) => one.event.kind !== 'seen')
  const ids = [...withTalk].filter((id) => rows.has(id))
  ids.sort((a, b) => (last(b)?.event.at_ms ?? 0) - (last(a)?.event.at_ms ?? 0))
  if (ids.length === 0)
    return (
      <Empty title={t('chat.empty')} icon="chat">
        {t('chat.empty.help')}
      </Empty>
    )
  return (
    <ul class="threads">
      {ids.map((id) => {
        const line = last(id)?.event
        const unread = rows.get(id)?.unread ?? 0
        return (
          <li key={id}>
            <button type="button" class="thread" onClick={() => (control.chatWith.value = id)}>
              <span class="thread-name">{control.nameOf(id)}</span>
              {unread > 0 ? (
                <span class="badge strong">{t('chat.unread', { n: unread })}</span>
              ) : null}
              <span class="thread-line muted">{line && 'text' in line ? line.text : ''}</span>
            </button>
          </li>
        )
      })}
    </ul>
  )
}

export function Chat(): JSX.Element {
  const { control } = useLive()
  const attempt = control.chatWith.value
  if (attempt === 0) return <Threads />
  return (
    <div class="stack-small">
      <div>
        <Button look="quiet" size="dense" onClick={() => (control.chatWith.value = 0)}>
          <Icon name="back" size="1em" /> {t('chat.back')}
        </Button>
      </div>
      <h2>
        <button type="button" class="link-button" onClick={() => control.open(attempt)}>
          {control.nameOf(attempt)}
        </button>
      </h2>
      <Conversation key={attempt} attempt={attempt} />
    </div>
  )
}
