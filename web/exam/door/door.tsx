// What is shown at the door: one card for each thing, with how far it has come; and the same, shorter, in
// the lobby, where what is asked for again can be taken again.
import type { JSX } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import './door.css'
import { Cannot } from '@/exam/door/cannot'
import { DoorCamera } from '@/exam/door/camera'
import { Photo } from '@/exam/door/photo'
import { Scan } from '@/exam/door/scan'
import { sendings, type Sending } from '@/exam/door/sending'
import { t, type TextKey } from '@/exam/door/text'
import type { Exam } from '@/exam/exam'
import { HelpDrawer } from '@/exam/screens/help'
import { Page } from '@/exam/screens/page'
import { isAllowed, sources } from '@/exam/sources'
import { proofs, type Proof } from '@/lib/gen/words'
import { isOpen, ProofIs, wantedProofs } from '@/lib/proofs'
import { Banner, Button, Icon, Progress, type IconName } from '@/ui'

const wanted = (exam: Exam): Proof[] => wantedProofs((setting) => exam.on(setting))

function icon(state: number): IconName {
  if (state === ProofIs.accepted) return 'check'
  if (state === ProofIs.again) return 'warn'
  return state === ProofIs.none ? 'camera' : 'clock'
}

function stateWord(exam: Exam, state: number): string {
  const alone = !exam.on('waiting_room') && (state === 1 || state === 2)
  return t(`state.${state}${alone ? '.alone' : ''}` as TextKey)
}

function State({ exam, proof }: { exam: Exam; proof: Proof }): JSX.Element {
  const state = exam.proof(proof)
  return (
    <span class="check-state" role="status">
      <Icon name={icon(state)} /> {stateWord(exam, state)}
    </span>
  )
}

function Reason({ exam, proof }: { exam: Exam; proof: Proof }): JSX.Element | null {
  const reason = exam.proofNotes.value[proofs[proof].id]?.reason
  if (exam.proof(proof) !== ProofIs.again || !reason) return null
  return (
    <Banner tone="warn" live>
      {t('reason', { reason })}
    </Banner>
  )
}

function OnItsWay({ exam, sending }: { exam: Exam; sending: Sending }): JSX.Element {
  const percent = Math.round(100 * sending.sent)
  const away = exam.socket.state.value !== 'live'
  return (
    <div class="stack-small">
      <Progress value={percent} max={100} label={t('sending', { percent })} />
      <p role="status">{away ? t('waiting') : t('sending', { percent })}</p>
    </div>
  )
}

/** The camera runs while something is to be taken; without asking only where the browser has allowed it. */
function useCamera(needed: boolean): DoorCamera {
  const camera = useMemo(() => new DoorCamera(), [])
  useEffect(() => {
    if (!needed) return
    let over = false
    const begin = async (): Promise<void> => {
      if (sources.webcam.live || (await isAllowed('camera'))) if (!over) await camera.open()
      if (over) camera.close()
    }
    void begin()
    return () => {
      over = true
      camera.close()
    }
  }, [needed])
  return camera
}

interface CardProps {
  exam: Exam
  proof: Proof
  active: boolean
  camera: DoorCamera
  onOpen: () => void
  onDone: () => void
}

function Show({ exam, proof, camera, onDone }: CardProps): JSX.Element {
  const props = { exam, camera, onSent: onDone }
  return (
    <>
      {proof === 'room_scan' ? <Scan {...props} /> : <Photo key={proof} proof={proof} {...props} />}
      <div>
        <Cannot exam={exam} proof={proof} onDone={onDone} />
      </div>
    </>
  )
}

function Card(props: CardProps): JSX.Element {
  const { exam, proof, active } = props
  const state = exam.proof(proof)
  const sending = sendings.value[proof]
  const moving = sending && !sending.problem
  const word = t(state === ProofIs.none ? 'now' : 'again')
  return (
    <li
      class={`card check-row ${state === ProofIs.accepted ? 'good' : ''} ${state === ProofIs.again ? 'warn' : ''}`}
      data-proof={proof}
    >
      <span class="check-icon">
        <Icon name={proof === 'room_scan' ? 'eye' : 'people'} size="1.5em" />
      </span>
      <div class="stack">
        <div class="row row-apart">
          <h2>{t(proof)}</h2>
          <State exam={exam} proof={proof} />
        </div>
        <Reason exam={exam} proof={proof} />
        {sending?.problem ? (
          <Banner tone="bad" live>
            {t('failed', { why: sending.problem })}
          </Banner>
        ) : null}
        {moving ? <OnItsWay exam={exam} sending={sending} /> : null}
        {active && !moving ? <Show {...props} /> : null}
        {!active && !moving && state !== ProofIs.accepted ? (
          <div>
            <Button onClick={props.onOpen} aria-label={`${word}: ${t(proof)}`}>
              {word}
            </Button>
          </div>
        ) : null}
      </div>
    </li>
  )
}

/** The cards; the first that is open is ready to be taken. */
function Cards({ exam, only }: { exam: Exam; only: readonly Proof[] }): JSX.Element {
  const [chosen, setChosen] = useState<Proof | null>(null)
  const first = only.find((proof) => isOpen(exam.proof(proof)) && !sendings.value[proof])
  const current = chosen ?? first ?? null
  const camera = useCamera(current !== null)
  return (
    <ol class="checks">
      {only.map((proof) => (
        <Card
          key={proof}
          exam={exam}
          proof={proof}
          active={proof === current}
          camera={camera}
          onOpen={() => setChosen(proof)}
          onDone={() => setChosen(null)}
        />
      ))}
    </ol>
  )
}

export function Door(props: { exam: Exam; onBack: () => void; onDone: () => void }): JSX.Element {
  const { exam } = props
  const [help, setHelp] = useState(false)
  const all = wanted(exam)
  const left = all.filter((proof) => isOpen(exam.proof(proof))).length
  const [id, room] = [exam.on('id_check'), exam.on('room_scan')]
  return (
    <Page
      title={t(id ? (room ? 'title' : 'title.id') : 'title.room')}
      over={exam.info.session_name}
      step="door"
      exam={exam}
      wide
    >
      <p class="reading">{t('intro')}</p>
      <Cards exam={exam} only={all} />
      <p class="muted" role="status">
        {left ? t('left', { n: left }) : null}
      </p>
      <div class="row">
        <Button look="primary" size="touch" disabled={left > 0} onClick={props.onDone}>
          {t('go')}
        </Button>
        <Button size="touch" onClick={props.onBack}>
          {t('back')}
        </Button>
        <Button look="quiet" size="touch" icon="help" onClick={() => setHelp(true)}>
          {t('help')}
        </Button>
      </div>
      <HelpDrawer exam={exam} open={help} onClose={() => setHelp(false)} />
    </Page>
  )
}

export function DoorList({ exam }: { exam: Exam }): JSX.Element {
  const all = wanted(exam)
  const again = all.filter((proof) => isOpen(exam.proof(proof)) || sendings.value[proof])
  const settled = all.filter((proof) => !again.includes(proof))
  return (
    <section class="stack-small" aria-labelledby="door-list">
      <h2 id="door-list">{t('list')}</h2>
      {again.length ? <Cards exam={exam} only={again} /> : null}
      <ul class="done-list">
        {settled.map((proof) => (
          <li key={proof} data-proof={proof}>
            <Icon name={icon(exam.proof(proof))} /> {t(proof)}: {stateWord(exam, exam.proof(proof))}
          </li>
        ))}
      </ul>
    </section>
  )
}
