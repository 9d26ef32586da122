// How this device finds its connection, told to the server now and then for whoever helps with it.
import type { Exam } from '@/exam/exam'
import { clock } from '@/lib/clock'

const TELL_MS = 10_000

export function startHealth(exam: Exam): () => void {
  const tell = (): void => {
    const waiting = exam.capture.evidence.peek()?.waitingBytes ?? 0
    const backlog_kb = Math.ceil(waiting / 1024)
    if (clock.known)
      exam.socket.sendMessage({ kind: 'health', round_trip_ms: clock.roundTrip, backlog_kb })
  }
  const timer = setInterval(tell, TELL_MS)
  return () => clearInterval(timer)
}
