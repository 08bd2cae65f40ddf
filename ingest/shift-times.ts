/**
 * Numbers from here on are times in ms since 1970 (2010-01-01); no quantity may be so large, and no count or duration
 * becomes it (contract/quantities.ts ends at 1e9). What detectors remember keeps to that: their states are plain JSON
 * that only they understand, and moving the times in it is the one thing that anybody else does to it.
 */
const FIRST_TIME = Date.UTC(2010, 0, 1)

/**
 * The same memory with every time moved by `ms`. A clock that was wrong and has been put right must neither make what is
 * remembered lie in a future that never was, nor cost a meter the thirty hours that it has been watched.
 */
export function shiftTimes<T>(memory: T, ms: number): T {
  return (ms === 0 ? memory : moved(memory, ms)) as T
}

function moved(value: unknown, ms: number): unknown {
  if (typeof value === 'number') return value >= FIRST_TIME ? value + ms : value
  if (Array.isArray(value)) return value.map((item) => moved(item, ms))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, moved(item, ms)]))
}
