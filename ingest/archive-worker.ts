import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { historyFile, journalFile, stateFile } from '../store/files.ts'
import { type HistoryChoice, openChosenHistory } from '../store/history/open.ts'
import { openJournalReader } from '../store/journal/sqlite.ts'
import { openDecisions, openRegistry } from '../store/state/sqlite.ts'
import { Archive } from './archive.ts'
import { ArchiveTrouble } from './archive-trouble.ts'
import { loop } from './loop.ts'
import { Figures } from './metrics.ts'
import type { FromThread } from './worker-thread.ts'

/** The archive in a thread of its own: writing a city's day to history must not hold up a fire. */
export interface ArchiveWorkerData {
  readonly dataDir: string
  readonly history: HistoryChoice
}

/** A meter's day may be in history a few ticks later than in detection; polling less leaves the processor to the others. */
const IDLE_MS = 20
const FIGURES_MS = 1000
/** A batch that is on its way when it is time to stop is given this long. The supervisor waits 10 s. */
const STOP_MS = 2000

const port = parentPort
if (port === null) throw new Error('archive-worker runs as a worker thread only')
const { dataDir, history: choice } = workerData as ArchiveWorkerData
const post = (message: FromThread): void => port.postMessage(message)
const log = {
  info: (facts: object, message: string): void => post({ type: 'info', facts, message }),
  error: (facts: object, message: string): void => post({ type: 'error', facts, message }),
}

const journals = {
  urgent: openJournalReader(journalFile(dataDir, 'urgent')),
  bulk: openJournalReader(journalFile(dataDir, 'bulk')),
  operator: openJournalReader(journalFile(dataDir, 'operator')),
}
const decisions = openDecisions(stateFile(dataDir))
const registry = openRegistry(stateFile(dataDir))
const figures = new Figures()
const historyIsNew = choice === undefined && !existsSync(historyFile(dataDir))
const history = await openChosenHistory(dataDir, choice, {
  retrying: () => figures.add('ingest_history_retries_total'),
})
const archive = await Archive.open({
  journals,
  decisions,
  registry,
  history,
  historyIsNew,
  now: Date.now,
  figures,
  elapsed: () => performance.now(),
  log,
})
const trouble = new ArchiveTrouble(log, () => performance.now())

const stop = new AbortController()
port.once('message', () => {
  stop.abort()
  // A history that does not answer must not keep ingest from ending: closed, it gives up its batch.
  setTimeout(() => void history.close(), STOP_MS).unref()
})
post({ type: 'ready' })

/** Beside the archive's own steps: one that waits for its history must not hide how far behind it is. */
const reporting = (async () => {
  while (!stop.signal.aborted) {
    try {
      for (const [lane, { records, oldestAt }] of await archive.lags()) {
        figures.set(`ingest_lag_records{cursor="archive",lane="${lane}"}`, records)
        const waited = records === 0 || oldestAt === undefined ? 0 : Math.max(0, Date.now() - oldestAt)
        figures.set(`ingest_lag_seconds{cursor="archive",lane="${lane}"}`, waited / 1000)
      }
    } catch (error) {
      log.error({ error: String(error) }, 'how far the archive is behind could not be read')
    }
    post({ type: 'figures', values: figures.read() })
    await sleep(FIGURES_MS, undefined, { signal: stop.signal }).catch(() => undefined)
  }
})()

await loop(
  async () => {
    const more = await archive.step()
    trouble.over()
    return more
  },
  {
    idleMs: IDLE_MS,
    signal: stop.signal,
    failed: (error, retryMs) => {
      if (stop.signal.aborted) return
      figures.add('ingest_archive_failures_total')
      trouble.happened(error, retryMs)
    },
  },
)
await reporting
await archive.advance()
for (const open of [...Object.values(journals), decisions, registry, history]) await open.close()
port.close()
