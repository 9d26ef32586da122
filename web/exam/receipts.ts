// The receipts of this device as one file: what the server signed when it had stored an answer. The
// texts are not in it, only their digests; `invigil receipt verify` and the page /receipt/ read it.
import type { Exam } from '@/exam/exam'
import { download } from '@/lib/download'
import { receiptFile } from '@/lib/receipt'

export function downloadReceipts(exam: Exam): void {
  const { info } = exam
  const file = receiptFile({
    organization: info.organization,
    session: info.session_name,
    exam: exam.memory.get('title') ?? '',
    name: info.name,
    server_public: info.sign_public,
    receipts: exam.journal.receipts(),
  })
  download(`receipts-${info.attempt}.json`, file, 'application/json')
}
