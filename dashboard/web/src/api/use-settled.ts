import { useEffect, useState } from 'react'

/** Typing is over when nothing was typed for this long. */
const TYPING_MS = 250

/** A value that a person is still typing, once they have stopped. */
export function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), TYPING_MS)
    return () => clearTimeout(timer)
  }, [value])
  return settled
}
