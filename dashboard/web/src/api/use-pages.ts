import { useCallback, useEffect, useRef, useState } from 'react'
import { get, queryOf } from './request.ts'

export interface Pages<T> {
  readonly items: readonly T[]
  readonly total: number
  readonly failed: boolean
  readonly loading: boolean
  /** Asks for the page behind what is there. */
  more(): void
  /** Asks again for everything that is there. */
  reload(): void
}

interface Page<T> {
  readonly items: readonly T[]
  readonly total: number
  readonly next: string | null
}

const PAGE = 100
/** Pages of what is asked for again: the smallest of the lists' upper limits. */
const PAGE_AGAIN = 500
/** Rows kept in the browser: beyond it, narrowing the search finds faster than scrolling. */
const MOST_ROWS = 5000

type Query = Readonly<Record<string, string | number | null | undefined>>

async function upTo<T>(path: string, query: Query, count: number, signal: AbortSignal): Promise<Page<T>> {
  const limit = count > PAGE ? PAGE_AGAIN : PAGE
  let page = await get<Page<T>>(`${path}${queryOf({ ...query, limit })}`, signal)
  let { items } = page
  while (items.length < count && page.next !== null) {
    page = await get<Page<T>>(`${path}${queryOf({ ...query, limit, cursor: page.next })}`, signal)
    items = [...items, ...page.items]
  }
  return { ...page, items }
}

/** A list that the server pages, one page after the other as they are scrolled to. */
export function usePages<T>(path: string, query: Query): Pages<T> {
  const [list, setList] = useState<Page<T> & { readonly failed: boolean; readonly loading: boolean }>({
    items: [],
    total: 0,
    next: null,
    failed: false,
    loading: true,
  })
  const asking = useRef<AbortController | null>(null)
  const current = useRef(list)
  current.current = list
  const address = `${path}${queryOf(query)}`
  const ask = useCallback((work: (signal: AbortSignal) => Promise<Page<T>>) => {
    asking.current?.abort()
    const abort = new AbortController()
    asking.current = abort
    work(abort.signal).then(
      (page) => {
        if (abort.signal.aborted) return
        asking.current = null
        setList({ ...page, failed: false, loading: false })
      },
      () => {
        if (abort.signal.aborted) return
        asking.current = null
        setList((before) => ({ ...before, failed: true, loading: false }))
      },
    )
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: `address` says when `path` or `query` differ
  useEffect(() => {
    setList((before) => ({ ...before, loading: true }))
    ask((signal) => upTo<T>(path, query, 0, signal))
    return () => asking.current?.abort()
  }, [address, ask])
  const more = (): void => {
    const { items, next } = current.current
    if (asking.current !== null || next === null || items.length >= MOST_ROWS) return
    ask(async (signal) => {
      const page = await get<Page<T>>(`${path}${queryOf({ ...query, limit: PAGE, cursor: next })}`, signal)
      return { ...page, items: [...items, ...page.items] }
    })
  }
  const reload = (): void => ask((signal) => upTo<T>(path, query, current.current.items.length, signal))
  const { items, total, failed, loading } = list
  return { items, total, failed, loading, more, reload }
}
