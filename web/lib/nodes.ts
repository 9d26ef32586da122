// Question content: the server sends a tree of nodes from a closed list of tags, and here it becomes
// elements. No string is ever read as HTML. What is not on these lists is left out, its text stays.
import type { QuestionNode } from '@/lib/types'

const HTML = 'http://www.w3.org/1999/xhtml'
const MATHML = 'http://www.w3.org/1998/Math/MathML'

const words = (text: string): Set<string> => new Set(text.split(' '))

const HTML_TAGS = words(
  'div p span br hr b strong i em u s del ins small sub sup mark q cite dfn abbr blockquote pre ' +
    'code kbd samp var ul ol li dl dt dd table caption colgroup col thead tbody tfoot tr th td ' +
    'h1 h2 h3 h4 h5 h6 figure figcaption img section article aside center ruby rt rp bdi bdo wbr time',
)
const MATHML_TAGS = words(
  'math mrow mi mn mo ms mtext mspace mfrac msqrt mroot mstyle merror mpadded mphantom mfenced ' +
    'menclose msub msup msubsup munder mover munderover mmultiscripts mprescripts none mtable mtr ' +
    'mtd mlabeledtr semantics annotation maction',
)
const HTML_ATTRIBUTES = words(
  'alt title lang dir width height colspan rowspan scope start type reversed value datetime span',
)
const MATHML_ATTRIBUTES = words(
  'display mathvariant dir lspace rspace stretchy symmetric maxsize minsize largeop movablelimits ' +
    'accent accentunder form fence separator linethickness displaystyle scriptlevel columnspan ' +
    'rowspan columnalign rowalign columnlines rowlines frame open close separators notation width ' +
    'height depth voffset encoding mathsize bevelled numalign denomalign',
)
// Headings of a question must not stand among those of the page.
const SOFTER: Record<string, string> = { h1: 'h3', h2: 'h4', h3: 'h5', h4: 'h6', h5: 'h6' }
const PICTURE = /^data:image\/(png|jpeg|gif|webp|svg\+xml)(;[\w=-]+)*(;base64)?,/i
const DEPTH_MAX = 64

/** Addresses of pictures made here; freed when the question is taken down. */
export interface Built {
  fragment: DocumentFragment
  free(): void
}

function pictureAddress(source: string): string | null {
  if (!PICTURE.test(source)) return null
  const comma = source.indexOf(',')
  const head = source.slice(5, comma)
  const body = source.slice(comma + 1)
  try {
    const plain = head.endsWith(';base64') ? atob(body) : decodeURIComponent(body)
    const bytes = Uint8Array.from(plain, (letter) => letter.charCodeAt(0))
    return URL.createObjectURL(new Blob([bytes], { type: head.split(';')[0] ?? '' }))
  } catch {
    return null
  }
}

class Builder {
  readonly addresses: string[] = []

  append(parent: Node, nodes: readonly QuestionNode[], inMath: boolean, depth: number): void {
    for (const node of nodes) {
      if (typeof node === 'string') parent.appendChild(document.createTextNode(node))
      else if (Array.isArray(node) && depth < DEPTH_MAX) this.element(parent, node, inMath, depth)
    }
  }

  private element(
    parent: Node,
    node: Exclude<QuestionNode, string>,
    inMath: boolean,
    depth: number,
  ): void {
    const [tag, attributes, ...children] = node
    const math = inMath || tag === 'math'
    const known = math ? MATHML_TAGS.has(tag) : HTML_TAGS.has(tag)
    if (!known) return this.append(parent, children, inMath, depth + 1)
    if (tag === 'img' && !math) return this.picture(parent, attributes)
    const element = document.createElementNS(
      math ? MATHML : HTML,
      math ? tag : (SOFTER[tag] ?? tag),
    )
    this.attributes(element, attributes, math)
    parent.appendChild(element)
    this.append(element, children, math, depth + 1)
  }

  private attributes(element: Element, attributes: Record<string, string>, math: boolean): void {
    const allowed = math ? MATHML_ATTRIBUTES : HTML_ATTRIBUTES
    for (const [name, value] of Object.entries(attributes ?? {}))
      if (allowed.has(name)) element.setAttribute(name, String(value))
  }

  /** Its own bytes as a picture; what lies elsewhere is replaced by its words. */
  private picture(parent: Node, attributes: Record<string, string>): void {
    const address = pictureAddress(attributes.src ?? '')
    if (!address) return void parent.appendChild(document.createTextNode(attributes.alt ?? ''))
    this.addresses.push(address)
    const element = document.createElement('img')
    element.src = address
    element.alt = ''
    this.attributes(element, attributes, false)
    parent.appendChild(element)
  }
}

export function buildNodes(nodes: readonly QuestionNode[]): Built {
  const fragment = document.createDocumentFragment()
  const builder = new Builder()
  builder.append(fragment, nodes, false, 0)
  return { fragment, free: () => builder.addresses.forEach((each) => URL.revokeObjectURL(each)) }
}

/** The words alone: for the names of options and the question map. */
export function nodesText(nodes: readonly QuestionNode[], most = 200): string {
  let text = ''
  const walk = (all: readonly QuestionNode[]): void => {
    for (const node of all) {
      if (text.length > most) return
      if (typeof node === 'string') text += node
      else {
        const [, , ...children] = node
        walk(children)
      }
    }
  }
  walk(nodes)
  const one = text.replace(/\s+/g, ' ').trim()
  return one.length > most ? `${one.slice(0, most - 1)}…` : one
}
