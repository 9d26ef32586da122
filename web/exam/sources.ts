// The candidate's camera, screen and microphone: asked for, checked, watched. Says when one ends; knows neither
// server nor screen of the page.
import { signal, type ReadonlySignal } from '@preact/signals'

export type SourceName = 'webcam' | 'screen' | 'microphone'

/** Why a source cannot be had, as a key of the language file. */
export type SourceProblem =
  'denied' | 'none' | 'taken' | 'unsupported' | 'notWhole' | 'cancelled' | 'failed'

export type Got = { ok: true; stream: MediaStream } | { ok: false; problem: SourceProblem }

const CAMERA: MediaStreamConstraints = {
  audio: false,
  video: { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 15, max: 30 } },
}

// What is heard in the room, not only the voice.
const MICROPHONE: MediaStreamConstraints = {
  video: false,
  audio: { echoCancellation: true, noiseSuppression: false, autoGainControl: true },
}

// What the standard has and the type library does not.
const SCREEN = {
  audio: false,
  video: { displaySurface: 'monitor', frameRate: { ideal: 5, max: 10 } },
  monitorTypeSurfaces: 'include',
  selfBrowserSurface: 'exclude',
  surfaceSwitching: 'exclude',
} as DisplayMediaStreamOptions

export function problemOf(error: unknown): SourceProblem {
  const name = error instanceof DOMException ? error.name : ''
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied'
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'none'
  if (name === 'NotReadableError' || name === 'AbortError') return 'taken'
  return 'failed'
}

export class Source {
  private readonly current = signal<MediaStream | null>(null)
  readonly stream: ReadonlySignal<MediaStream | null> = this.current
  private readonly ended = new Set<() => void>()

  constructor(readonly name: SourceName) {}

  get live(): boolean {
    const track = this.current.peek()?.getTracks()[0]
    return track !== undefined && track.readyState === 'live'
  }

  onEnded(listener: () => void): () => void {
    this.ended.add(listener)
    return () => this.ended.delete(listener)
  }

  /** Asks the browser. For a screen this must come straight from a click. */
  async ask(): Promise<Got> {
    try {
      const stream = await open[this.name]()
      const refused = this.name === 'screen' ? wrongSurface(stream) : null
      if (refused) {
        stop(stream)
        return { ok: false, problem: refused }
      }
      this.take(stream)
      return { ok: true, stream }
    } catch (error) {
      const problem = problemOf(error)
      const cancelled = this.name === 'screen' && problem === 'denied'
      return { ok: false, problem: cancelled ? 'cancelled' : problem }
    }
  }

  /** Ends it without telling anybody. */
  release(): void {
    const stream = this.current.peek()
    this.current.value = null
    if (stream) stop(stream)
  }

  private take(stream: MediaStream): void {
    const before = this.current.peek()
    this.current.value = stream
    if (before && before !== stream) stop(before)
    const track = stream.getTracks()[0]
    track?.addEventListener('ended', () => {
      if (this.current.peek() !== stream) return
      this.current.value = null
      for (const listener of this.ended) listener()
    })
  }
}

const stop = (stream: MediaStream): void => stream.getTracks().forEach((track) => track.stop())

function device(wanted: MediaStreamConstraints): Promise<MediaStream> {
  if (!navigator.mediaDevices?.getUserMedia)
    throw new DOMException('no camera interface', 'NotSupportedError')
  return navigator.mediaDevices.getUserMedia(wanted)
}

function screen(): Promise<MediaStream> {
  if (!canShareScreen()) throw new DOMException('no screen interface', 'NotSupportedError')
  return navigator.mediaDevices.getDisplayMedia(SCREEN)
}

const open: Record<SourceName, () => Promise<MediaStream>> = {
  webcam: () => device(CAMERA),
  screen,
  microphone: () => device(MICROPHONE),
}

/** Whether camera or microphone would start without asking the person. */
export async function isAllowed(name: string): Promise<boolean> {
  try {
    const { state } = await navigator.permissions.query({ name: name as PermissionName })
    return state === 'granted'
  } catch {
    return false
  }
}

export const canShareScreen = (): boolean =>
  typeof navigator.mediaDevices?.getDisplayMedia === 'function'

/** Only the whole screen will do. A browser that does not say what was chosen is believed. */
function wrongSurface(stream: MediaStream): SourceProblem | null {
  const settings = stream.getVideoTracks()[0]?.getSettings() as { displaySurface?: string }
  if (!settings?.displaySurface) return null
  return settings.displaySurface === 'monitor' ? null : 'notWhole'
}

export const sources: Record<SourceName, Source> = {
  webcam: new Source('webcam'),
  screen: new Source('screen'),
  microphone: new Source('microphone'),
}
