import '@/ui/ui.css'
import '@/exam/exam.css'
import { render } from 'preact'
import { App } from '@/exam/app'

const root = document.getElementById('app')
if (root) render(<App />, root)
