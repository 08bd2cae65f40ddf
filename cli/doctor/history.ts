import { existsSync } from 'node:fs'
import { readSettings } from '../../contract/settings.ts'
import { historyFile } from '../../store/files.ts'
import { openInfluxHistory } from '../../store/history/influx/history.ts'
import { chosenHistory, HISTORY_SETTINGS } from '../../store/history/open.ts'
import { bad, type Check, good } from './check.ts'

/** A history in InfluxDB: does it answer? The embedded one is looked at among the databases. */
export async function checkHistory(dataDir: string, env: NodeJS.ProcessEnv): Promise<readonly Check[]> {
  const target = chosenHistory(readSettings(HISTORY_SETTINGS, env))
  if (target === undefined) return []
  const history = openInfluxHistory(target)
  try {
    await history.latest('')
    const before = existsSync(historyFile(dataDir))
      ? '; what history.db holds from before is moved there by `migrate-history`'
      : ''
    return [good('history', `InfluxDB answers at ${target.url}${before}`)]
  } catch (error) {
    return [
      bad(
        'history',
        `${error instanceof Error ? error.message : error} (HYDRANT_INFLUX_URL is ${target.url})`,
        'Start it, or correct HYDRANT_INFLUX_*. Nothing is lost meanwhile: readings wait in the journal, for as long as its disk lasts.',
      ),
    ]
  } finally {
    await history.close()
  }
}
