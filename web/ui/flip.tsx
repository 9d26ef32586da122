// Pictures one after the other, as a short film that can be stopped and gone through by hand. What moves
// moves only when asked to.
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import '@/ui/flip.css'
import { Button } from '@/ui/controls'

const EACH_MS = 400

export function Flip(props: {
  /** Addresses of the pictures. */
  pictures: readonly string[]
  label: string
  words: { play: string; stop: string; at: (n: number) => string }
}): JSX.Element | null {
  const { pictures, label, words } = props
  const [at, setAt] = useState(0)
  const [playing, setPlaying] = useState(false)
  const last = pictures.length - 1
  const shown = Math.min(at, last)
  useEffect(() => {
    if (!playing) return
    if (shown >= last) return setPlaying(false)
    const timer = setTimeout(() => setAt(shown + 1), EACH_MS)
    return () => clearTimeout(timer)
  }, [playing, shown, last])
  if (last < 0) return null
  const toggle = (): void => {
    if (!playing && shown >= last) setAt(0)
    setPlaying(!playing)
  }
  return (
    <figure class="flip" aria-label={label}>
      <img src={pictures[shown]} alt={`${label}, ${words.at(shown + 1)}`} />
      <div class="row">
        <Button
          size="dense"
          icon={playing ? 'pause' : 'play'}
          aria-label={`${playing ? words.stop : words.play}: ${label}`}
          onClick={toggle}
        >
          {playing ? words.stop : words.play}
        </Button>
        <input
          type="range"
          min={0}
          max={last}
          value={shown}
          aria-label={label}
          aria-valuetext={words.at(shown + 1)}
          onInput={(event) => {
            setPlaying(false)
            setAt(Number(event.currentTarget.value))
          }}
        />
      </div>
    </figure>
  )
}
