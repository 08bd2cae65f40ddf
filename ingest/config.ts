import { resolve } from 'node:path'
import { readSettings } from '../contract/settings.ts'
import { chosenHistory, HISTORY_SETTINGS, type HistoryChoice } from '../store/history/open.ts'

export interface Config {
  /** Absolute. */
  readonly dataDir: string
  /** Undefined: the default of `store/disk-guard.ts`. */
  readonly diskGuardMb: number | undefined
  readonly logLevel: string
  /** How often the journal is looked at while nothing happens. Milliseconds. */
  readonly tailMs: number
  /** Where people open the console, without a slash at the end; undefined: messages have no link. */
  readonly publicUrl: string | undefined
  /** Where the archive writes. */
  readonly history: HistoryChoice
}

/** @throws BadSettings */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const s = readSettings(
    [
      'HYDRANT_DATA_DIR',
      'HYDRANT_DISK_GUARD_MB',
      'HYDRANT_LOG_LEVEL',
      'HYDRANT_TAIL_MS',
      'HYDRANT_PUBLIC_URL',
      ...HISTORY_SETTINGS,
    ],
    env,
  )
  return Object.freeze({
    dataDir: resolve(s.HYDRANT_DATA_DIR),
    diskGuardMb: s.HYDRANT_DISK_GUARD_MB,
    logLevel: s.HYDRANT_LOG_LEVEL,
    tailMs: s.HYDRANT_TAIL_MS,
    publicUrl: s.HYDRANT_PUBLIC_URL?.replace(/\/+$/, ''),
    history: chosenHistory(s),
  })
}
