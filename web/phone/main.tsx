import '@/ui/ui.css'
import '@/phone/phone.css'
import { render } from 'preact'
import { App } from '@/phone/app'

const root = document.getElementById('app')
if (root) render(<App />, root)
