import { readFileSync } from 'node:fs'
import { BadSettings, type Values } from '../../contract/settings.ts'
import { historyFile } from '../files.ts'
import { type InfluxOptions, openInfluxHistory } from './influx/history.ts'
import type { InfluxTarget } from './influx/target.ts'
import type { History, HistoryReader } from './port.ts'
import { openHistory, openHistoryReader } from './sqlite.ts'

/** The settings that say where the history is. */
export const HISTORY_SETTINGS = [
  'HYDRANT_HISTORY',
  'HYDRANT_INFLUX_URL',
  'HYDRANT_INFLUX_TOKEN',
  'HYDRANT_INFLUX_TOKEN_FILE',
  'HYDRANT_INFLUX_ORG',
  'HYDRANT_INFLUX_BUCKET',
] as const
type HistorySettings = Values<(typeof HISTORY_SETTINGS)[number]>

/** Where the history is; undefined: in the data folder. */
export type HistoryChoice = InfluxTarget | undefined

/** @throws BadSettings where the token's file cannot be read */
export const chosenHistory = (s: HistorySettings): HistoryChoice =>
  s.HYDRANT_HISTORY === 'embedded' ? undefined : influxTarget(s)

/** The InfluxDB of the settings, whether it is the chosen one or not; undefined where none is named. */
export function influxTarget(s: HistorySettings): InfluxTarget | undefined {
  const { HYDRANT_INFLUX_URL: url, HYDRANT_INFLUX_BUCKET: bucket } = s
  if (url === undefined || bucket === undefined) return undefined
  return { url, token: tokenOf(s), org: s.HYDRANT_INFLUX_ORG ?? '', bucket }
}

function tokenOf({
  HYDRANT_INFLUX_TOKEN: token,
  HYDRANT_INFLUX_TOKEN_FILE: file,
}: HistorySettings): string | undefined {
  if (file === undefined) return token
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new BadSettings([
      `HYDRANT_INFLUX_TOKEN_FILE is "${file}", but it cannot be read: ${error instanceof Error ? error.message : error}.`,
    ])
  }
}

/** Opens the chosen history for writing and reading; in InfluxDB also while that is away. */
export const openChosenHistory = async (
  dataDir: string,
  choice: HistoryChoice,
  options: Pick<InfluxOptions, 'retrying'>,
): Promise<History> => (choice === undefined ? openHistory(historyFile(dataDir)) : openInfluxHistory(choice, options))

/** Opens the chosen history for reading, also before anything has been written to it. */
export const openChosenHistoryReader = (dataDir: string, choice: HistoryChoice): HistoryReader =>
  choice === undefined ? openHistoryReader(historyFile(dataDir)) : openInfluxHistory(choice)
