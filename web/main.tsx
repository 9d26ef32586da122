import { render } from 'preact'
import '@/ui/ui.css'
import '@/staff/staff.css'
import '@/home/home.css'
import { Start } from '@/home/start'

const root = document.getElementById('app')
if (root) void draw(root)

/** Receipts are checked without an account, and rarely: that part is loaded when it is asked for. */
async function draw(into: HTMLElement): Promise<void> {
  if (!/^\/receipt(\/|$)/.test(location.pathname)) return render(<Start />, into)
  const { ReceiptPage } = await import('@/home/receipt')
  render(<ReceiptPage />, into)
}
