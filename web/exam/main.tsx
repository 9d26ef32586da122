import '@/ui/ui.css'
import '@/exam/exam.css'
import { render } from 'preact'
import { App } from '@/exam/app'
import { keepPage } from '@/exam/offline'

const root = document.getElementById('app')
if (root) render(<App />, root)
keepPage()
