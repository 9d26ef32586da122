// C7: one picture of a document or a face: live, taken, looked at, sent; or from a file.
import type { JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import {
  bytesOf,
  covered,
  frameOf,
  pictureOf,
  type Cover,
  type DoorCamera,
} from '@/exam/door/camera'
import { TakenPicture } from '@/exam/door/cover'
import { LivePicture } from '@/exam/door/live'
import { sendProof, Source } from '@/exam/door/sending'
import { t, type TextKey } from '@/exam/door/text'
import type { Exam } from '@/exam/exam'
import { Button, SelectField } from '@/ui'

const MOST = { id_photo: 1600, face_photo: 960 }
const DOCUMENTS = [1, 2, 3, 4, 5] as const

interface Taken {
  picture: HTMLCanvasElement
  source: number
}

export interface ShowProps {
  exam: Exam
  camera: DoorCamera
  onSent: () => void
}

function FileChoice(props: { onPicture: (file: File) => void; bad: boolean }): JSX.Element {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <Button size="touch" onClick={() => input.current?.click()}>
        {t('file')}
      </Button>
      <input
        ref={input}
        type="file"
        accept="image/*"
        hidden
        aria-label={t('file')}
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? []
          event.currentTarget.value = ''
          if (file) props.onPicture(file)
        }}
      />
      {props.bad ? (
        <p class="field-error" role="alert">
          {t('file.bad')}
        </p>
      ) : null}
    </>
  )
}

function Take(
  props: ShowProps & { proof: 'id_photo' | 'face_photo'; onTaken: (taken: Taken) => void },
): JSX.Element {
  const { camera, proof, onTaken } = props
  const video = useRef<HTMLVideoElement>(null)
  const [bad, setBad] = useState(false)
  const take = (): void => {
    const picture = video.current && frameOf(video.current, MOST[proof])
    if (picture) onTaken({ picture, source: Source.camera })
  }
  const read = async (file: File): Promise<void> => {
    const picture = await pictureOf(file, MOST[proof])
    setBad(!picture)
    if (picture) onTaken({ picture, source: Source.file })
  }
  return (
    <>
      <LivePicture camera={camera} proof={proof} video={video} />
      <div class="row">
        {camera.stream.value ? (
          <Button look="primary" size="touch" icon="snapshot" onClick={take}>
            {t('take')}
          </Button>
        ) : null}
        <FileChoice bad={bad} onPicture={(file) => void read(file)} />
      </div>
    </>
  )
}

export function Photo(props: ShowProps & { proof: 'id_photo' | 'face_photo' }): JSX.Element {
  const { exam, proof, onSent } = props
  const [document, setDocument] = useState('1')
  const [taken, setTaken] = useState<Taken | null>(null)
  const [covers, setCovers] = useState<readonly Cover[]>([])
  const isDocument = proof === 'id_photo'
  const mayCover = isDocument && exam.on('id_hide')
  const send = async ({ picture, source }: Taken): Promise<void> => {
    const detail = isDocument ? Number(document) : 0
    const bytes = await bytesOf(covered(picture, covers))
    setTaken(null)
    setCovers([])
    if (await sendProof(exam, proof, [{ part: detail, bytes }], { detail, source })) onSent()
  }
  return (
    <div class="stack">
      <p class="reading">{t(`${proof}.how`)}</p>
      {isDocument && !taken ? (
        <SelectField
          label={t('document')}
          touch
          value={document}
          onChange={setDocument}
          options={DOCUMENTS.map((n) => ({
            value: String(n),
            label: t(`document.${n}` as TextKey),
          }))}
        />
      ) : null}
      {taken ? (
        <>
          <TakenPicture
            picture={taken.picture}
            label={t(`${proof}.taken`)}
            covers={mayCover ? covers : null}
            setCovers={setCovers}
          />
          <div class="row">
            <Button look="primary" size="touch" onClick={() => void send(taken)}>
              {t('send')}
            </Button>
            <Button size="touch" onClick={() => setTaken(null)}>
              {t('retake')}
            </Button>
          </div>
        </>
      ) : (
        <Take {...props} onTaken={setTaken} />
      )}
    </div>
  )
}
