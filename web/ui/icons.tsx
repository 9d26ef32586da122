// Small drawings, 16 by 16, in the colour of the text around them. All are hidden from screen
// readers: the word stands beside them.
import type { JSX } from 'preact'

const lines = {
  close: 'M4 4l8 8M12 4l-8 8',
  check: 'M3 8.5l3.5 3.5L13 4.5',
  warn: 'M8 2.5L14.5 13.5h-13zM8 6.5v3M8 11.6v.2',
  info: 'M8 14A6 6 0 108 2a6 6 0 000 12zM8 7.5v3.5M8 5v.2',
  fail: 'M8 14A6 6 0 108 2a6 6 0 000 12zM5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4',
  camera: 'M1.5 4.5h8v7h-8zM9.5 7l5-2.5v7l-5-2.5',
  sound: 'M2.5 6v4H5l4 3V3L5 6zM11 6a3 3 0 010 4M12.8 4a6 6 0 010 8',
  mute: 'M2.5 6v4H5l4 3V3L5 6zM11.5 6l3 4M14.5 6l-3 4',
  phone: 'M4.5 1.5h7v13h-7zM7.5 12.5h1',
  microphone: 'M8 2a2 2 0 012 2v4a2 2 0 01-4 0V4a2 2 0 012-2zM4 8a4 4 0 008 0M8 12v2.5',
  screen: 'M1.5 3h13v8.5h-13zM5.5 14h5M8 11.5V14',
  network: 'M2 6a9 9 0 0112 0M4 8.5a6 6 0 018 0M6.2 11a3 3 0 013.6 0M8 13.2v.1',
  browser: 'M1.5 3h13v10h-13zM1.5 6h13M3.5 4.5h.1M5.5 4.5h.1',
  displays: 'M1.5 4h8v6h-8zM11.5 6h3v7h-8v-1M4 12h3',
  fullscreen: 'M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4',
  hand: 'M5 8V3.5a1 1 0 012 0V7m0-4.5a1 1 0 012 0V7m0-3.5a1 1 0 012 0V9m0-3.5a1 1 0 012 0V10a4 4 0 01-4 4H8c-1.6 0-2.6-.8-3.4-2L3 9.4c-.5-.9.7-1.7 1.4-1L5 9',
  chat: 'M2 3h12v8H7l-3 2.5V11H2z',
  help: 'M8 14A6 6 0 108 2a6 6 0 000 12zM6.2 6.3a1.9 1.9 0 113 1.6c-.8.5-1.2.8-1.2 1.6M8 11.6v.1',
  eye: 'M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 10a2 2 0 100-4 2 2 0 000 4z',
  clock: 'M8 14A6 6 0 108 2a6 6 0 000 12zM8 4.5V8l2.5 1.5',
  mark: 'M3.5 14.5v-12h8.5l-2 3 2 3H3.5',
  back: 'M10 3L5 8l5 5',
  next: 'M6 3l5 5-5 5',
  up: 'M3 10l5-5 5 5',
  down: 'M3 6l5 5 5-5',
  sort: 'M5 6l3-3 3 3M5 10l3 3 3-3',
  pause: 'M5.5 3v10M10.5 3v10',
  play: 'M4.5 3l8 5-8 5z',
  lock: 'M3.5 7h9v6.5h-9zM5.5 7V5a2.5 2.5 0 015 0v2',
  unlock: 'M3.5 7h9v6.5h-9zM5.5 7V5a2.5 2.5 0 014.8-1',
  search: 'M7 12A5 5 0 107 2a5 5 0 000 10zM10.5 10.5L14 14',
  more: 'M3.5 8h.1M8 8h.1M12.5 8h.1',
  pin: 'M5.5 2h5l-.7 4.5L12 9H4l2.2-2.5zM8 9v5',
  snapshot: 'M1.5 4.5h3l1-2h5l1 2h3v8.5h-13zM8 11a2.6 2.6 0 100-5.2A2.6 2.6 0 008 11z',
  people:
    'M5.5 8a2.5 2.5 0 100-5 2.5 2.5 0 000 5zM1 13.5a4.5 4.5 0 019 0M11 3.3a2.5 2.5 0 010 4.4M12 9.5a4.5 4.5 0 013 4',
  offline:
    'M2 2l12 12M4 8.5a6 6 0 012.7-1.6M2 6a9 9 0 012.6-1.7M7 3.6A9 9 0 0114 6M10.6 7.5c.5.3 1 .6 1.4 1M6.2 11a3 3 0 013.6 0M8 13.2v.1',
  empty: 'M2 9l2-6h8l2 6v4H2zM2 9h3.5a2.5 2.5 0 005 0H14',
  menu: 'M2 4h12M2 8h12M2 12h12',
  settings:
    'M2 4.5h6M12 4.5h2M10 6.5a2 2 0 100-4 2 2 0 000 4zM2 11.5h2M8 11.5h6M6 13.5a2 2 0 100-4 2 2 0 000 4z',
} as const

export type IconName = keyof typeof lines

export function Icon({ name, size = '1.1em' }: { name: IconName; size?: string }): JSX.Element {
  return (
    <svg
      viewBox="0 0 16 16"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={lines[name]} />
    </svg>
  )
}
