// The dialog that is open, if any.
import type { JSX } from 'preact'
import { useLive } from '../context.ts'
import { TakeoverDialog } from '../takeover.tsx'
import { ActDialog } from './act.tsx'
import { EndDialog } from './end.tsx'
import { HelpDialog } from './help.tsx'
import { CloseIncidentDialog, IncidentDialog } from './incident.tsx'
import { FinishDialog, StartDialog } from './session.tsx'

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
    case 'help':
      return <HelpDialog />
    case undefined:
      return null
  }
}
