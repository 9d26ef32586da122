// The dialog that is open, if any.
import type { JSX } from 'preact'
import { useLive } from '../context.ts'
import { TakeoverDialog } from '../takeover.tsx'
import { ActDialog } from './act.tsx'
import { EndDialog } from './end.tsx'
import { HelpDialog } from './help.tsx'
import { CloseIncidentDialog, IncidentDialog } from './incident.tsx'
import { FinishDialog, StartDialog } from './session.tsx'
import { later } from '@/ui'

const HandOverDialog = later(() => import('../handover.tsx').then((part) => part.HandOverDialog))
const SoundDialog = later(() => import('../deskdialogs.tsx').then((part) => part.SoundDialog))
const RotationDialog = later(() => import('../deskdialogs.tsx').then((part) => part.RotationDialog))

export function Dialogs(): JSX.Element | null {
  const asking = useLive().control.asking.value
  switch (asking?.kind) {
    case 'act':
      return <ActDialog action={asking.action} attempts={asking.attempts} />
    case 'end':
      return <EndDialog attempt={asking.attempt} />
    case 'takeover':
      return <TakeoverDialog attempt={asking.attempt} />
    case 'start_session':
      return <StartDialog />
    case 'end_session':
      return <FinishDialog />
    case 'incident':
      return <IncidentDialog />
    case 'close_incident':
      return <CloseIncidentDialog />
    case 'hand_over':
      return <HandOverDialog attempts={asking.attempts} leaves={asking.leaves} />
    case 'sounds':
      return <SoundDialog />
    case 'rotation':
      return <RotationDialog />
    case 'help':
      return <HelpDialog />
    case undefined:
      return null
  }
}
