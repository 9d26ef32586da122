// A picture that can be made larger and moved about in its frame, with pointer and with keys.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { t } from '@/staff/shown-text'
import { Button } from '@/ui'

const SCALES = [1, 1.5, 2, 3] as const

export function Zoom(props: { address: string; label: string }): JSX.Element {
  const [at, setAt] = useState(0)
  const scale = SCALES[at] ?? 1
  return (
    <figure class="zoom">
      <div class="zoom-frame" role="group" tabIndex={0} aria-label={props.label}>
        <img
          src={props.address}
          alt={props.label}
          style={{ inlineSize: `${100 * scale}%`, maxInlineSize: 'none' }}
        />
      </div>
      <div class="row">
        <Button
          size="dense"
          aria-label={`${t('zoom.out')}: ${props.label}`}
          disabled={at === 0}
          onClick={() => setAt(at - 1)}
        >
          −
        </Button>
        <span class="small numbers" role="status">
          {t('zoom.scale', { percent: 100 * scale })}
        </span>
        <Button
          size="dense"
          aria-label={`${t('zoom.in')}: ${props.label}`}
          disabled={at === SCALES.length - 1}
          onClick={() => setAt(at + 1)}
        >
          +
        </Button>
      </div>
    </figure>
  )
}
