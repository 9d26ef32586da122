import { render } from 'preact'
import '@/ui/ui.css'
import '@/staff/staff.css'
import '@/home/home.css'
import { Start } from '@/home/start'

const root = document.getElementById('app')
if (root) render(<Start />, root)
