import '@/ui/ui.css'
import '@/staff/staff.css'
import './review.css'
import { render } from 'preact'
import { App } from './app.tsx'

const root = document.getElementById('app')
if (root) render(<App />, root)
