// Decisions of a planner about a session, over a connection that is opened for it; and handing the
// session's key on to somebody who chose a passphrase later.
import { api } from '@/lib/api'
import type { Command } from '@/lib/gen/wire'
import { fromBase64url, KeyError, shareSessionKey, type StoredSessionKey } from '@/lib/keys'
import { LiveSocket } from '@/lib/socket'
import { refusalText } from '@/lib/words'
import { unlocked } from '@/staff/identity'
import type { SessionDetail } from '@/staff/types'
import type { StaffUser } from './model/people.ts'
import { t } from './text.ts'

/** 0, or the refusal. */
export async function askOnSession(command: Command, session: number): Promise<number> {
  const socket = new LiveSocket()
  socket.connect()
  try {
    return (await socket.send(command, session)).refusal
  } finally {
    socket.close()
  }
}

/** Empty: given. null: the person did not want to unlock. Else why not. */
export async function giveKey(detail: SessionDetail, to: StaffUser): Promise<string | null> {
  const answer = await api<StoredSessionKey>('session_key', { id: detail.session })
  if (!answer.ok) return answer.text
  if (!answer.value.wrapped) return t('session.keys.self')
  const own = await unlocked()
  if (!own) return null
  try {
    const recipient = { user: to.user, box_public: to.box_public }
    const wrapped = fromBase64url(await shareSessionKey(own, answer.value, recipient))
    const refusal = await askOnSession({ kind: 'add_key', user: to.user, wrapped }, detail.session)
    return refusal ? refusalText(refusal) : ''
  } catch (problem) {
    if (problem instanceof KeyError) return problem.message
    throw problem
  }
}
