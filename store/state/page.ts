/** A page of a list; `next` is an opaque cursor. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly total: number
  readonly next: string | null
}

export interface PageOf {
  readonly limit: number
  readonly cursor?: string | undefined
}
