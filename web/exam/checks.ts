// The checks of the device before an exam: each looks once and says how it went and what to do. Knows
// neither server nor screen of the page.
import { sources } from '@/exam/sources'
import { t, type TextKey } from '@/exam/text'
import type { Check } from '@/lib/gen/words'

export interface CheckResult {
  /** 1 passed, 2 passed with a warning, 3 failed: as in schema/checks.def. */
  outcome: 1 | 2 | 3
  text: string
  /** For staff: short, without sentences. */
  detail: string
}

const pass = (text: string, detail = text): CheckResult => ({ outcome: 1, text, detail })
const warn = (text: string, detail: string): CheckResult => ({ outcome: 2, text, detail })
const fail = (text: string, detail: string): CheckResult => ({ outcome: 3, text, detail })

export interface Wanted {
  webcam: boolean
  screen: boolean
}

// ---- browser ----

export function browserName(agent = navigator.userAgent): string {
  const known: [string, RegExp][] = [
    ['Edge', /Edg\/(\d+)/],
    ['Opera', /OPR\/(\d+)/],
    ['Firefox', /Firefox\/(\d+)/],
    ['Chrome', /Chrom(?:e|ium)\/(\d+)/],
    ['Safari', /Version\/(\d+).*Safari/],
  ]
  for (const [name, pattern] of known) {
    const found = pattern.exec(agent)
    if (found) return `${name} ${found[1]}`
  }
  return 'Browser'
}

function lacking(wanted: Wanted): string[] {
  const media = navigator.mediaDevices
  const lacks: [boolean, TextKey][] = [
    [!isSecureContext || !crypto.subtle, 'checks.browser.secure'],
    [typeof WebAssembly !== 'object', 'checks.browser.wasm'],
    [!('indexedDB' in globalThis), 'checks.browser.store'],
    [wanted.webcam && !media?.getUserMedia, 'checks.browser.camera'],
    [wanted.screen && !media?.getDisplayMedia, 'checks.browser.screen'],
    [(wanted.webcam || wanted.screen) && !('VideoEncoder' in globalThis), 'checks.browser.video'],
  ]
  return lacks.filter(([missing]) => missing).map(([, key]) => t(key))
}

export function checkBrowser(wanted: Wanted, durable: boolean): CheckResult {
  const name = browserName()
  const lacks = lacking(wanted)
  if (lacks.length) {
    const what = lacks.join(', ')
    return fail(t('checks.browser.fail', { what }), `${name}; lacks ${what}`)
  }
  if (!durable) return warn(t('checks.browser.warnStore'), `${name}; no storage`)
  return pass(t('checks.browser.pass', { name }), name)
}

// ---- network ----

const TRIPS = 5
const SLOW_MS = 400

export async function checkNetwork(): Promise<CheckResult> {
  const times: number[] = []
  for (let trip = 0; trip < TRIPS; trip++) {
    const began = performance.now()
    try {
      const response = await fetch('/api/server', { cache: 'no-store' })
      await response.arrayBuffer()
      if (!response.ok) return fail(t('checks.network.fail'), `status ${response.status}`)
    } catch {
      return fail(t('checks.network.fail'), 'no answer')
    }
    times.push(performance.now() - began)
  }
  times.sort((a, b) => a - b)
  const ms = Math.max(1, Math.round(times[Math.floor(TRIPS / 2)]!))
  const detail = `${ms} ms`
  if (ms > SLOW_MS) return warn(t('checks.network.warn', { ms }), detail)
  return pass(t('checks.network.pass', { ms }), detail)
}

// ---- camera ----

const FRAME_WAIT_MS = 6000
const DARK = 14

/** Mean brightness of a first picture, 0 to 255; null: no picture came. */
async function brightness(stream: MediaStream): Promise<number | null> {
  const video = document.createElement('video')
  video.muted = true
  video.playsInline = true
  video.srcObject = stream
  const picture = new Promise<boolean>((resolve) => {
    setTimeout(() => resolve(false), FRAME_WAIT_MS)
    video.onloadeddata = () => resolve(true)
  })
  void video.play().catch(() => undefined)
  const came = await picture
  // Cameras open their eye slowly: the first picture is always dark.
  if (came) await new Promise((resolve) => setTimeout(resolve, 600))
  const mean = came ? meanOf(video) : null
  video.srcObject = null
  return mean
}

function meanOf(video: HTMLVideoElement): number | null {
  const canvas = document.createElement('canvas')
  canvas.width = 32
  canvas.height = 24
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) return null
  context.drawImage(video, 0, 0, canvas.width, canvas.height)
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height)
  let sum = 0
  for (let at = 0; at < data.length; at += 4) sum += (data[at]! + data[at + 1]! + data[at + 2]!) / 3
  return sum / (data.length / 4)
}

export async function checkCamera(): Promise<CheckResult> {
  const got = sources.webcam.live
    ? ({ ok: true, stream: sources.webcam.stream.peek()! } as const)
    : await sources.webcam.ask()
  if (!got.ok) {
    const known = ['denied', 'none', 'taken', 'unsupported'].includes(got.problem)
    const problem = known ? got.problem : 'failed'
    return fail(t(`checks.camera.${problem}` as TextKey), problem)
  }
  const name = got.stream.getVideoTracks()[0]?.label || t('watch.webcam')
  const light = await brightness(got.stream)
  if (light === null) {
    sources.webcam.release()
    return fail(t('checks.camera.still'), `${name}; no picture`)
  }
  if (light < DARK) return warn(t('checks.camera.dark'), `${name}; dark`)
  return pass(t('checks.camera.pass', { name }), name)
}

// ---- microphone ----

const LISTEN_MS = 10000
const LOUD = 0.06

/** Listens until something is heard; level() gets 0..1 while it does. It stays on, as it is recorded. */
export async function checkMicrophone(level: (value: number) => void): Promise<CheckResult> {
  const got = await sources.microphone.ask()
  if (!got.ok) {
    const { problem } = got
    const key = problem === 'denied' || problem === 'none' ? problem : 'failed'
    return fail(t(`checks.microphone.${key}`), problem)
  }
  const context = new AudioContext()
  try {
    const heard = await listen(context, got.stream, level)
    const name = got.stream.getAudioTracks()[0]?.label ?? ''
    if (heard) return pass(t('checks.microphone.pass'), name)
    return warn(t('checks.microphone.quiet'), `${name}; quiet`)
  } finally {
    void context.close()
    level(0)
  }
}

async function listen(
  context: AudioContext,
  stream: MediaStream,
  level: (value: number) => void,
): Promise<boolean> {
  const analyser = context.createAnalyser()
  context.createMediaStreamSource(stream).connect(analyser)
  await context.resume()
  const samples = new Float32Array(analyser.fftSize)
  const until = performance.now() + LISTEN_MS
  let loud = 0
  while (performance.now() < until && loud < 5) {
    await new Promise((resolve) => setTimeout(resolve, 80))
    analyser.getFloatTimeDomainData(samples)
    let peak = 0
    for (const sample of samples) peak = Math.max(peak, Math.abs(sample))
    level(Math.min(1, peak * 2))
    if (peak > LOUD) loud++
  }
  return loud >= 5
}

// ---- screen ----

/** Must come straight from a click. */
export async function checkScreen(): Promise<CheckResult> {
  if (sources.screen.live) return pass(t('checks.screen.pass'), 'monitor')
  const got = await sources.screen.ask()
  if (got.ok) return pass(t('checks.screen.pass'), 'monitor')
  const known = ['denied', 'notWhole', 'cancelled', 'unsupported'].includes(got.problem)
  const problem = known ? got.problem : 'failed'
  return fail(t(`checks.screen.${problem}` as TextKey), problem)
}

export function checkDisplays(): CheckResult {
  const { isExtended } = screen as Screen & { isExtended?: boolean }
  if (isExtended === undefined) return warn(t('checks.displays.unknown'), 'not told')
  if (isExtended) return warn(t('checks.displays.warn'), 'several')
  return pass(t('checks.displays.pass'), 'one')
}

// ---- full screen ----

const FULL_SHOWN_MS = 900

/** Must come straight from a click. */
export async function checkFullscreen(): Promise<CheckResult> {
  if (!document.fullscreenEnabled) return warn(t('checks.fullscreen.unsupported'), 'unsupported')
  const before = document.fullscreenElement
  try {
    await document.documentElement.requestFullscreen({ navigationUI: 'hide' })
  } catch {
    return fail(t('checks.fullscreen.fail'), 'refused')
  }
  if (!before) {
    await new Promise((resolve) => setTimeout(resolve, FULL_SHOWN_MS))
    await document.exitFullscreen().catch(() => undefined)
  }
  return pass(t('checks.fullscreen.pass'), 'works')
}

// ---- which ----

export interface CheckPlan {
  check: Check
  /** Needs a click of its own, because the browser asks the person. */
  click: boolean
  required: boolean
}
