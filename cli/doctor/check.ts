import type { Config } from '../config.ts'

/** What one look at the system found. */
export interface Check {
  readonly name: string
  readonly ok: boolean
  /** What was found, in words and figures. */
  readonly found: string
  /** What to do about it; only where something is wrong. */
  readonly todo?: string
}

export interface Surroundings {
  readonly config: Config
  now(): number
}

export const good = (name: string, found: string): Check => ({ name, ok: true, found })
export const bad = (name: string, found: string, todo: string): Check => ({ name, ok: false, found, todo })
