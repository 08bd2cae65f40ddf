import { setImmediate } from 'node:timers/promises'
import type { RowFault } from './row-fault.ts'

/** What becomes of one row that can be imported. */
interface RowOutcome {
  readonly line: number
  readonly id: string
  readonly outcome: 'added' | 'changed' | 'unchanged'
}

/** What a table does to what is known. Nothing is written until `apply` is called. */
export interface ImportPlan {
  readonly added: number
  readonly changed: number
  readonly unchanged: number
  readonly rows: readonly RowOutcome[]
  readonly faults: readonly RowFault[]
  /** Titles of columns that are not known. */
  readonly ignored: readonly string[]
  apply(): Promise<void>
}

/** Rows written in one transaction: about 20 ms, so that ingest never waits long for the state. */
const BATCH = 1000

/**
 * Compares what a table says with what is known.
 * @param items each as it would be, in the order of writing; several may come of one row
 */
export function planOf<T extends { readonly id: string }>(options: {
  readonly items: readonly { readonly line: number; readonly item: T }[]
  readonly known: ReadonlyMap<string, T>
  readonly faults: readonly RowFault[]
  readonly ignored: readonly string[]
  readonly put: (items: readonly T[]) => Promise<void>
}): ImportPlan {
  const { items, known, faults, ignored, put } = options
  const rows = items.map(({ line, item }): RowOutcome => {
    const before = known.get(item.id)
    const outcome = before === undefined ? 'added' : isSame(before, item) ? 'unchanged' : 'changed'
    return { line, id: item.id, outcome }
  })
  const count = (outcome: RowOutcome['outcome']): number => rows.filter((row) => row.outcome === outcome).length
  const written = items.filter((_, i) => rows[i]?.outcome !== 'unchanged').map(({ item }) => item)
  return {
    added: count('added'),
    changed: count('changed'),
    unchanged: count('unchanged'),
    rows,
    faults,
    ignored,
    apply: async () => {
      for (let i = 0; i < written.length; i += BATCH) {
        await put(written.slice(i, i + BATCH))
        await setImmediate()
      }
    },
  }
}

const isSame = <T extends object>(a: T, b: T): boolean =>
  Object.keys(b).every((key) => JSON.stringify(a[key as keyof T]) === JSON.stringify(b[key as keyof T]))
