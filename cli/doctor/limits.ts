import { existsSync } from 'node:fs'
import { stateFile } from '../../store/files.ts'
import { openRegistry } from '../../store/state/sqlite.ts'
import { type Check, good } from './check.ts'

/** Named in one line; the rest is counted. */
const NAMED = 5

/** Limits of detection that somebody changed. Nothing is wrong with it within the bounds, but it must not be forgotten. */
export async function checkLimits(dataDir: string): Promise<readonly Check[]> {
  if (!existsSync(stateFile(dataDir))) return []
  const registry = openRegistry(stateFile(dataDir))
  try {
    const changed = await registry.changedLimits()
    if (changed.length === 0) return []
    const named = changed.slice(0, NAMED).map(({ of, id, limits }) => {
      const values = Object.entries(limits).map(([name, value]) => `${name}=${value}`)
      return `${of} ${id} (${values.join(', ')})`
    })
    const more = changed.length > NAMED ? ` and ${changed.length - NAMED} more` : ''
    return [good('detection limits', `changed for ${named.join('; ')}${more}`)]
  } finally {
    await registry.close()
  }
}
