import { resolve } from 'node:path'
import { z } from 'zod'

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

const environment = z.object({
  HYDRANT_DATA_DIR: z.string().default('./data'),
  HYDRANT_LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
  HYDRANT_TAIL_MS: z.coerce
    .number('must be a number of milliseconds from 1 to 1000')
    .min(1, 'must be at least 1 millisecond')
    .max(1000, 'must be at most 1000 milliseconds')
    .default(3),
})

export interface Config {
  /** Absolute. */
  readonly dataDir: string
  readonly logLevel: string
  /** How often the journal is looked at while nothing happens. Milliseconds. */
  readonly tailMs: number
}

/** The environment cannot be used. The message has one plain sentence per variable. */
export class BadConfig extends Error {
  override name = 'BadConfig'
}

/** @throws BadConfig */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  // An empty variable counts as absent: that is what compose files make of "not set".
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = environment.safeParse(given)
  if (!parsed.success)
    throw new BadConfig(
      parsed.error.issues
        .map((issue) => `${issue.path.join('.')} is "${given[String(issue.path[0])]}", but it ${issue.message}.`)
        .join('\n'),
    )
  const { HYDRANT_DATA_DIR, HYDRANT_LOG_LEVEL, HYDRANT_TAIL_MS } = parsed.data
  return Object.freeze({ dataDir: resolve(HYDRANT_DATA_DIR), logLevel: HYDRANT_LOG_LEVEL, tailMs: HYDRANT_TAIL_MS })
}
