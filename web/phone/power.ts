// Battery and wake lock, as far as the browser tells.
import { signal } from '@preact/signals'

interface BatteryManager extends EventTarget {
  level: number
  charging: boolean
}

/** Percent; 255: the browser does not say. */
export const battery = signal(255)
export const charging = signal(false)
export const awake = signal(false)

export async function watchBattery(): Promise<void> {
  const ask = (navigator as { getBattery?: () => Promise<BatteryManager> }).getBattery
  if (!ask) return
  const known = await ask.call(navigator).catch(() => undefined)
  if (!known) return
  const read = (): void => {
    battery.value = Math.round(known.level * 100)
    charging.value = known.charging
  }
  for (const event of ['levelchange', 'chargingchange']) known.addEventListener(event, read)
  read()
}

/** The browser gives the lock back whenever the page was hidden. */
export async function stayAwake(): Promise<void> {
  const lock = await navigator.wakeLock?.request('screen').catch(() => undefined)
  awake.value = lock !== undefined
  lock?.addEventListener('release', () => (awake.value = false))
}
