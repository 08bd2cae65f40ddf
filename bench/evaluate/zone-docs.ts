import { resolve } from 'node:path'
import { judgeDma } from './dma.ts'
import { judgeLTown } from './l-town.ts'
import { judgeLeakDb } from './leakdb.ts'
import { judgeNetwork } from './network.ts'
import { reportText } from './zone-report.ts'

/** Nothing was tuned on seeds from 1000 on. */
const UNSEEN_SEED = 1002

/** The tables of villages and districts for docs/detection.md. */
export async function zoneTables(): Promise<string> {
  const data = resolve('../shared/data')
  const reports = [
    await judgeNetwork(data, UNSEEN_SEED, 1),
    judgeLTown(data, UNSEEN_SEED),
    judgeDma(data, UNSEEN_SEED, 2),
    await judgeLeakDb(UNSEEN_SEED, 12),
  ]
  return reports.map(reportText).join('\n\n')
}
