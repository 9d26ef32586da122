// Asks the browser to keep this page for times without a connection (web/exam/sw.ts).
import { scriptAddress } from '@/lib/trusted'

export function keepPage(): void {
  if (!import.meta.env.PROD || !navigator.serviceWorker) return
  // Where it is not possible the exam works as before, but for a reload without a connection.
  void navigator.serviceWorker
    .register(scriptAddress('/exam/sw.js'), { scope: '/exam/', updateViaCache: 'none' })
    .catch(() => undefined)
  // What is kept here must not be the first thing that goes when the disk is full.
  void navigator.storage?.persist?.().catch(() => undefined)
}
