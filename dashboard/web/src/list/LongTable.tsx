import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useEffect, useRef } from 'react'
import type { Pages } from '../api/use-pages.ts'

const ROW_PX = 52
/** Rows before the end of what is loaded at which the next page is asked for. */
const AHEAD = 30

/** A table of thousands of rows, of which only those in sight are in the page. */
export function LongTable<T>(props: {
  readonly label: string
  readonly className?: string
  readonly pages: Pages<T>
  readonly columns: readonly string[]
  /** In place of the table where there is no row. */
  readonly empty: ReactNode
  readonly rowPx?: number
  keyOf(item: T): string
  cells(item: T): ReactNode
}): ReactNode {
  const { label, className = '', pages, columns, empty, rowPx = ROW_PX, keyOf, cells } = props
  const { items, total } = pages
  const scroller = useRef<HTMLElement>(null)
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    getItemKey: (index) => {
      const item = items[index]
      return item === undefined ? index : keyOf(item)
    },
    overscan: 10,
  })
  const visible = rows.getVirtualItems()
  const last = visible.at(-1)?.index ?? 0
  const more = useRef(pages.more)
  more.current = pages.more
  useEffect(() => {
    if (last >= items.length - AHEAD) more.current()
  }, [last, items.length])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by the keyboard
    <section className={`list ${className}`} ref={scroller} aria-label={label} tabIndex={0}>
      {items.length === 0 ? (
        <div className="empty">{empty}</div>
      ) : (
        <table aria-rowcount={total + 1}>
          <thead>
            <tr>
              {columns.map((words) => (
                <th key={words} scope="col">
                  {words}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <Space height={visible[0]?.start ?? 0} columns={columns.length} />
            {visible.map(({ index, key }) => {
              const item = items[index]
              return item === undefined ? null : (
                <tr key={String(key)} ref={rows.measureElement} data-index={index} aria-rowindex={index + 2}>
                  {cells(item)}
                </tr>
              )
            })}
            <Space height={rows.getTotalSize() - (visible.at(-1)?.end ?? 0)} columns={columns.length} />
          </tbody>
        </table>
      )}
    </section>
  )
}

/** Stands for the rows that are scrolled out of sight. */
function Space({ height, columns }: { readonly height: number; readonly columns: number }): ReactNode {
  return height > 0 ? (
    <tr className="space">
      <td colSpan={columns} style={{ height }} />
    </tr>
  ) : null
}
