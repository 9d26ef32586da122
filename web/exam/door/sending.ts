// Pictures on their way: sealed, kept on this device, sent, and only then said to be shown, so that staff
// never wait for what is not there.
import { signal } from '@preact/signals'
import type { Exam } from '@/exam/exam'
import { proofs, type Proof } from '@/lib/gen/words'
import type { ProofPicture } from '@/lib/media/candidate'
import { refusalText } from '@/lib/words'

export interface Sending {
  /** Share that the server has, 0 to 1. */
  sent: number
  problem: string
}

/** What is on its way now; nothing: it has arrived, or was not sent yet. */
export const sendings = signal<Partial<Record<Proof, Sending>>>({})

function set(proof: Proof, state: Sending | undefined): void {
  sendings.value = { ...sendings.value, [proof]: state }
}

export const Source = { camera: 1, file: 2 } as const

/** Resolves with whether it is shown now. */
export async function sendProof(
  exam: Exam,
  proof: Proof,
  pictures: ProofPicture[],
  how: { detail: number; source: number },
): Promise<boolean> {
  set(proof, { sent: 0, problem: '' })
  const stream = proofs[proof].id
  const problem = await send(exam, proof, pictures, { ...how, proof: stream }).catch(String)
  set(proof, problem ? { sent: 0, problem } : undefined)
  return !problem
}

async function send(
  exam: Exam,
  proof: Proof,
  pictures: ProofPicture[],
  how: { proof: number; detail: number; source: number },
): Promise<string> {
  const evidence = await exam.capture.started()
  const { from, upto } = await evidence.show(how.proof, pictures, (left) =>
    set(proof, { sent: 1 - left / pictures.length, problem: '' }),
  )
  const { epoch } = evidence
  const told = { kind: 'show_proof' as const, ...how, epoch, from_seq: from, upto_seq: upto }
  const { refusal } = await exam.ask(told)
  return refusal ? refusalText(refusal) : ''
}
