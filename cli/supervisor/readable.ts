import { z } from 'zod'

/** pino's numbers. */
const WARN = 40
const ERROR = 50

/** Lines of one role shown within one second; a role that complains about every message must not fill the screen. */
const LINES_PER_SECOND = 5
const SECOND_MS = 1000

const logLine = z.object({
  level: z.number(),
  msg: z.string().optional(),
  err: z.object({ message: z.string() }).optional(),
})

/** The line a person sees for one line of a role's log, or undefined where there is nothing to see. */
export function readable(role: string, line: string, at: Date): string | undefined {
  let log: z.infer<typeof logLine>
  try {
    log = logLine.parse(JSON.parse(line))
  } catch {
    return undefined
  }
  if (log.level < WARN) return undefined
  const word = log.level >= ERROR ? 'error' : 'warning'
  const said = [log.msg, log.err?.message].filter((part) => part !== undefined && part !== '')
  const text = [...new Set(said)].join(': ') || 'see the log'
  return `${at.toTimeString().slice(0, 8)} ${role} ${word}: ${text.replaceAll(/\p{Cc}/gu, ' ')}`
}

/** Lets a few lines a second through and counts the rest. */
export class Throttle {
  private second = 0
  private shown = 0
  private held = 0

  /** What to print for this line at `now` (ms): it, it after a word about those held back, or nothing. */
  pass(line: string, now: number, logName: string): readonly string[] {
    const second = Math.floor(now / SECOND_MS)
    if (second !== this.second) {
      const held = this.held
      this.second = second
      this.shown = 1
      this.held = 0
      return held === 0 ? [line] : [`… and ${held} more, see ${logName}`, line]
    }
    if (this.shown >= LINES_PER_SECOND) {
      this.held += 1
      return []
    }
    this.shown += 1
    return [line]
  }
}
