// A page with the parts that need a real browser: the journal, question content, and the primitives.
import '@/ui/ui.css'
import { render } from 'preact'
import { useState } from 'preact/hooks'
import { Memory } from '@/exam/memory'
import { Journal } from '@/lib/journal'
import { buildNodes } from '@/lib/nodes'
import { Vault } from '@/lib/vault'
import { Button, DataTable, Dialog, Menu, Tabs, toast, Toasts } from '@/ui'

const violations: string[] = []
addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective))

interface Person {
  name: string
  points: number
}
const people: Person[] = Array.from({ length: 400 }, (_, nth) => ({
  name: `Person ${nth + 1}`,
  points: (nth * 7) % 101,
}))

function Parts() {
  const [open, setOpen] = useState(false)
  const [tab, setTab] = useState('one')
  const [chosen, setChosen] = useState('nothing')
  return (
    <div class="stack">
      <h1>Parts</h1>
      <Button onClick={() => setOpen(true)}>Open dialog</Button>
      <Dialog
        open={open}
        title="A dialog"
        onClose={() => setOpen(false)}
        actions={<Button onClick={() => setOpen(false)}>Done</Button>}
      >
        <p>Something to read.</p>
      </Dialog>
      <Menu
        label="Actions"
        entries={[
          { label: 'Pause', onSelect: () => setChosen('Pause') },
          { label: 'Message', onSelect: () => setChosen('Message') },
          { label: 'Lock', onSelect: () => setChosen('Lock'), disabled: true },
          { label: 'Extend', onSelect: () => setChosen('Extend') },
        ]}
      />
      <p>Chosen: {chosen}</p>
      <Tabs
        label="Views"
        current={tab}
        onChange={setTab}
        tabs={[
          { id: 'one', label: 'First' },
          { id: 'two', label: 'Second', badge: 3 },
        ]}
      >
        <p>Panel {tab}</p>
      </Tabs>
      <Button onClick={() => toast('Locked 42', { undo: () => setChosen('undone') })}>
        Lock 42
      </Button>
      <DataTable
        caption="People"
        class="short"
        rowHeight={36}
        rows={people}
        rowKey={(person) => person.name}
        columns={[
          { id: 'name', head: 'Name', sticky: true, cell: (person) => person.name },
          {
            id: 'points',
            head: 'Points',
            end: true,
            cell: (person) => person.points,
            sortBy: (person) => person.points,
          },
        ]}
      />
      <Toasts />
    </div>
  )
}

const short = new CSSStyleSheet()
short.replaceSync('.short { height: 300px }')
document.adoptedStyleSheets = [short]
render(<Parts />, document.getElementById('app')!)
Object.assign(globalThis, { parts: { Journal, Memory, Vault, buildNodes }, violations })
