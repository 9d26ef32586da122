// All that is read rather than acted on; loaded when somebody asks for it.
export { Affected } from './affected.tsx'
export { Numbers } from './numbers.tsx'
export { Summary } from './summary.tsx'
