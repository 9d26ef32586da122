// C5 and C6: the checks, each with how it went, what to do, and a way to repeat it.
import { signal } from '@preact/signals'
import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import {
  checkBrowser,
  checkCamera,
  checkDisplays,
  checkFullscreen,
  checkMicrophone,
  checkNetwork,
  checkScreen,
  type CheckResult,
} from '@/exam/checks'
import type { Exam } from '@/exam/exam'
import { HelpDrawer } from '@/exam/screens/help'
import { Page } from '@/exam/screens/page'
import { PhoneRow } from '@/exam/screens/phone'
import { Picture } from '@/exam/screens/picture'
import { sources, type SourceName } from '@/exam/sources'
import { t, type TextKey } from '@/exam/text'
import { checks, type Check } from '@/lib/words'
import { Banner, Button, Icon, Progress, type IconName } from '@/ui'

type Shown = CheckResult | 'waiting' | 'running'
const shown = signal<Partial<Record<Check, Shown>>>({})
const level = signal(0)

const icons: Record<Check, IconName> = {
  browser: 'browser',
  network: 'network',
  camera: 'camera',
  microphone: 'microphone',
  screen: 'screen',
  displays: 'displays',
  fullscreen: 'fullscreen',
}

/** In the order of the page; those that a setting asks for only when it does. */
function wantedChecks(exam: Exam): Check[] {
  return (Object.keys(checks) as Check[]).filter((check) => {
    const { setting } = checks[check]
    return setting === null || exam.on(setting)
  })
}

/** These start by themselves; the others need a click, because the browser asks the person. */
const BY_ITSELF: readonly Check[] = ['browser', 'network', 'displays']

function look(exam: Exam, check: Check): Promise<CheckResult> | CheckResult {
  switch (check) {
    case 'browser':
      return checkBrowser(
        { webcam: exam.on('webcam'), screen: exam.on('screen') },
        exam.answers.durable,
      )
    case 'network':
      return checkNetwork()
    case 'camera':
      return checkCamera()
    case 'microphone':
      return checkMicrophone((value) => (level.value = value))
    case 'screen':
      return checkScreen()
    case 'displays':
      return checkDisplays()
    case 'fullscreen':
      return checkFullscreen()
  }
}

async function run(exam: Exam, check: Check): Promise<void> {
  if (shown.value[check] === 'running') return
  shown.value = { ...shown.value, [check]: 'running' }
  const result = await look(exam, check)
  shown.value = { ...shown.value, [check]: result }
  exam.reportCheck(check, result.outcome, result.detail)
}

const sourceOf: Partial<Record<Check, SourceName>> = {
  camera: 'webcam',
  screen: 'screen',
  microphone: 'microphone',
}

function stateOf(check: Check): Shown {
  const state = shown.value[check] ?? 'waiting'
  // What was fine may have ended since: a camera unplugged, a share stopped.
  const source = sourceOf[check] && sources[sourceOf[check]]
  const over = source && typeof state === 'object' && state.outcome < 3 && !source.stream.value
  return over ? 'waiting' : state
}

const passed = (state: Shown): boolean => typeof state === 'object' && state.outcome < 3

export function ChecksScreen({ exam, onDone }: { exam: Exam; onDone: () => void }): JSX.Element {
  const wanted = wantedChecks(exam)
  const [help, setHelp] = useState(false)
  useEffect(() => {
    for (const check of BY_ITSELF) if (!passed(stateOf(check))) void run(exam, check)
  }, [])
  const open = wanted.filter((check) => checks[check].setting && !passed(stateOf(check)))
  const failed = wanted.some((check) => {
    const state = stateOf(check)
    return typeof state === 'object' && state.outcome === 3 && !checks[check].setting
  })
  const phone = !exam.on('phone') || exam.phone.state.value?.connected === true
  const ready = !open.length && !failed && phone
  return (
    <Page title={t('checks.title')} over={exam.info.session_name} step="checks" exam={exam} wide>
      <p class="reading">{t('checks.intro')}</p>
      {exam.askedAgain.value ? (
        <Banner tone="warn">{t('checks.askedAgain', { reason: exam.askedAgain.value })}</Banner>
      ) : null}
      <ul class="checks">
        {wanted.map((check) => (
          <CheckRow key={check} exam={exam} check={check} />
        ))}
        {exam.on('phone') ? <PhoneRow exam={exam} /> : null}
      </ul>
      <p class="muted" role="status">
        {ready ? null : t('checks.left', { n: Math.max(1, open.length + Number(!phone)) })}
      </p>
      <div class="row">
        <Button look="primary" size="touch" disabled={!ready} onClick={onDone}>
          {t('checks.go')}
        </Button>
        <Button look="quiet" size="touch" icon="help" onClick={() => setHelp(true)}>
          {t('checks.help')}
        </Button>
      </div>
      <p class="muted small">{t('checks.code', { code: resultCode(wanted) })}</p>
      <HelpDrawer exam={exam} open={help} onClose={() => setHelp(false)} />
    </Page>
  )
}

/** One sign for each check, so that a person on the telephone knows what is wrong. */
function resultCode(wanted: readonly Check[]): string {
  return wanted
    .map((check) => {
      const state = stateOf(check)
      return `${check[0]?.toUpperCase()}${typeof state === 'object' ? state.outcome : 0}`
    })
    .join('-')
}

function words(state: Shown): { icon: IconName; word: string; tone: string } {
  if (state === 'waiting') return { icon: 'clock', word: t('checks.waiting'), tone: '' }
  if (state === 'running') return { icon: 'clock', word: t('checks.running'), tone: '' }
  if (state.outcome === 1) return { icon: 'check', word: t('checks.pass'), tone: 'good' }
  if (state.outcome === 2) return { icon: 'warn', word: t('checks.warn'), tone: 'warn' }
  return { icon: 'fail', word: t('checks.fail'), tone: 'bad' }
}

function CheckRow({ exam, check }: { exam: Exam; check: Check }): JSX.Element {
  const state = stateOf(check)
  const { icon, word, tone } = words(state)
  const first = state === 'waiting'
  const clicked = !BY_ITSELF.includes(check)
  const again = typeof state === 'object' && (state.outcome > 1 || check === 'network')
  return (
    <li class={`card check-row ${tone}`} data-check={check}>
      <span class="check-icon">
        <Icon name={icons[check]} size="1.5em" />
      </span>
      <div class="stack-small">
        <div class="row row-apart">
          <h2>{checks[check].word}</h2>
          <span class="check-state" role="status">
            <Icon name={icon} /> {word}
          </span>
        </div>
        {typeof state === 'object' ? <p>{state.text}</p> : null}
        {(first && clicked) || (check === 'microphone' && state === 'running') ? (
          <Intro check={check} />
        ) : null}
        {check === 'camera' && sources.webcam.stream.value ? (
          <Picture stream={sources.webcam.stream.value} label={t('checks.camera.picture')} />
        ) : null}
        {check === 'microphone' && state === 'running' ? (
          <Progress value={level.value} max={1} label={t('checks.microphone.level')} />
        ) : null}
        {clicked || again ? (
          <div>
            <Button
              look={first ? 'primary' : 'plain'}
              busy={state === 'running'}
              onClick={() => void run(exam, check)}
              aria-label={`${buttonWord(check, state)}: ${checks[check].word}`}
            >
              {buttonWord(check, state)}
            </Button>
          </div>
        ) : null}
      </div>
    </li>
  )
}

// The button stays where it is, so that the focus does, too.
function buttonWord(check: Check, state: Shown): string {
  if (passed(state)) return t('checks.retry')
  if (check === 'screen') return t('checks.screen.share')
  if (check === 'fullscreen') return t('checks.fullscreen.try')
  return t(state === 'waiting' ? 'checks.run' : 'checks.retry')
}

function Intro({ check }: { check: Check }): ComponentChildren {
  const keys: Partial<Record<Check, TextKey>> = {
    camera: 'checks.camera.intro',
    microphone: 'checks.microphone.intro',
    screen: 'checks.screen.intro',
    fullscreen: 'checks.fullscreen.intro',
  }
  const key = keys[check]
  if (!key) return null
  return (
    <>
      <p>{t(key)}</p>
      {check === 'screen' ? <ScreenChoice /> : null}
    </>
  )
}

/** A drawing of the browser's question, with the right tab marked. */
function ScreenChoice(): JSX.Element {
  const tabs = [
    'checks.screen.tabTab',
    'checks.screen.tabWindow',
    'checks.screen.tabScreen',
  ] as const
  return (
    <div class="choice" role="img" aria-label={t('checks.screen.choice')}>
      {tabs.map((tab, index) => (
        <span key={tab} class={index === 2 ? 'choice-tab chosen' : 'choice-tab'}>
          {index === 2 ? <Icon name="check" /> : null} {t(tab)}
        </span>
      ))}
      <span class="choice-screen">
        <Icon name="screen" size="2.5em" />
      </span>
    </div>
  )
}
