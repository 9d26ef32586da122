// rules.mjs: all rules, in the order in which they are reported.
import { cRules } from './c.mjs'
import { docRules } from './docs.mjs'
import { generalRules } from './general.mjs'
import { schemaRules } from './schema.mjs'
import { webRules } from './web.mjs'

export const rules = [...cRules, ...schemaRules, ...webRules, ...docRules, ...generalRules]
