import type { ReactNode } from 'react'
import { go, pathOf, type Route } from './route.ts'

/** A real link (middle click opens a tab), that does not reload the console. */
export function Link(props: {
  readonly to: Route
  readonly className?: string
  readonly current?: boolean
  readonly label?: string
  readonly children: ReactNode
}): ReactNode {
  return (
    <a
      href={pathOf(props.to)}
      className={props.className}
      aria-current={props.current ? 'page' : undefined}
      aria-label={props.label}
      title={props.label}
      onClick={(event) => {
        if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return
        event.preventDefault()
        go(props.to)
      }}
    >
      {props.children}
    </a>
  )
}
