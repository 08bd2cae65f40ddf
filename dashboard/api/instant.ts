import { z } from 'zod'

/** A time in a query, ms since 1970. 8.64e15 ms is where dates end in JavaScript. */
export const instant = z.coerce.number().min(0).max(8.64e15)
