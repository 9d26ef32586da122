// Words of one page in one language. Files: web/lib/text/LANGUAGE/PAGE.json, flat keys. A value is a
// text with {names}, or {"one": ..., "other": ...} chosen by the parameter n. The words of states,
// settings, flags, checks and refusals come from schema/*.def instead (web/lib/words.ts).

type Entry = string | { readonly one: string; readonly other: string }
export type Dictionary = Readonly<Record<string, Entry>>
export type Params = Readonly<Record<string, string | number>>

const language = 'en'
const plural = new Intl.PluralRules(language)
const number = new Intl.NumberFormat(language, { maximumFractionDigits: 2 })

const list = new Intl.ListFormat(language)

/** "Camera, screen and microphone": what comes first keeps its capital letter. */
export const listed = (words: readonly string[]): string =>
  list.format(words.map((word, at) => (at ? word.toLocaleLowerCase(language) : word)))

export const formatNumber = (value: number): string => number.format(value)

function filled(text: string, params: Params): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name]
    if (value === undefined) return whole
    return typeof value === 'number' ? number.format(value) : value
  })
}

/** texts(dictionary) gives t(key, params), which knows the keys of that dictionary. */
export function texts<D extends Dictionary>(dictionary: D) {
  return (key: keyof D & string, params: Params = {}): string => {
    const entry = dictionary[key] as Entry
    if (typeof entry === 'string') return filled(entry, params)
    const form = plural.select(Number(params.n ?? 0)) === 'one' ? 'one' : 'other'
    return filled(entry[form], params)
  }
}
