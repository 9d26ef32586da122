// Question content in a page: the tree of nodes is built into elements when it is shown.
import type { JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { buildNodes } from '@/lib/nodes'
import type { QuestionNode } from '@/lib/types'

export function Content(props: {
  nodes: readonly QuestionNode[]
  /** Inside a label or a line: a span instead of a block. */
  inline?: boolean
  class?: string
}): JSX.Element {
  const place = useRef<HTMLDivElement & HTMLSpanElement>(null)
  useLayoutEffect(() => {
    const built = buildNodes(props.nodes)
    place.current?.replaceChildren(built.fragment)
    return built.free
  }, [props.nodes])
  const classes = `content ${props.inline ? 'content-inline' : ''} ${props.class ?? ''}`
  return props.inline ? <span ref={place} class={classes} /> : <div ref={place} class={classes} />
}
