import { z } from 'zod'

/** Behind every day that a person means: beyond it a figure was in microseconds, and beyond 275760 there is no date. */
const LATEST = Date.UTC(2200, 0, 1)

/** A time that a person or a program says: whole milliseconds, as they are stored. */
export const momentSchema = z.number().int().min(0).max(LATEST).describe('ms since 1970')
