import { parentPort, workerData } from 'node:worker_threads'
import { historyFile, journalFile, stateFile } from '../store/files.ts'
import { openHistory } from '../store/history/sqlite.ts'
import { openJournalReader } from '../store/journal/sqlite.ts'
import { openDecisions, openRegistry } from '../store/state/sqlite.ts'
import { Archive } from './archive.ts'
import { loop } from './loop.ts'
import { Figures } from './metrics.ts'

/** The archive in a thread of its own: writing a city's day to history must not hold up a fire. */
export type FromArchive =
  | { readonly type: 'ready' }
  | { readonly type: 'figures'; readonly values: Readonly<Record<string, number>> }
  | { readonly type: 'error'; readonly facts: object; readonly message: string }

/** A meter's day may be in history a few ticks later than in detection; polling less leaves the processor to the others. */
const IDLE_MS = 20
const FIGURES_MS = 1000

const port = parentPort
if (port === null) throw new Error('archive-worker runs as a worker thread only')
const { dataDir } = workerData as { dataDir: string }
const post = (message: FromArchive): void => port.postMessage(message)
const log = { error: (facts: object, message: string): void => post({ type: 'error', facts, message }) }

const stop = new AbortController()
port.once('message', () => stop.abort())

const journals = {
  urgent: openJournalReader(journalFile(dataDir, 'urgent')),
  bulk: openJournalReader(journalFile(dataDir, 'bulk')),
}
const decisions = openDecisions(stateFile(dataDir))
const registry = openRegistry(stateFile(dataDir))
const history = await openHistory(historyFile(dataDir))
const figures = new Figures()
const archive = await Archive.open({
  journals,
  decisions,
  registry,
  history,
  figures,
  elapsed: () => performance.now(),
  log,
})
post({ type: 'ready' })

let reportedAt = Number.NEGATIVE_INFINITY
const report = async (): Promise<void> => {
  if (performance.now() - reportedAt < FIGURES_MS) return
  reportedAt = performance.now()
  for (const [lane, { records, oldestAt }] of await archive.lags()) {
    figures.set(`ingest_lag_records{cursor="archive",lane="${lane}"}`, records)
    const waited = records === 0 || oldestAt === undefined ? 0 : Math.max(0, Date.now() - oldestAt)
    figures.set(`ingest_lag_seconds{cursor="archive",lane="${lane}"}`, waited / 1000)
  }
  post({ type: 'figures', values: figures.read() })
}

await loop(
  async () => {
    const more = await archive.step()
    await report()
    return more
  },
  {
    idleMs: IDLE_MS,
    signal: stop.signal,
    failed: (error, retryMs) => {
      figures.add('ingest_archive_failures_total')
      log.error({ error: String(error), retryMs }, 'history did not take a batch; it will be written again')
    },
  },
)
await archive.advance()
for (const open of [journals.urgent, journals.bulk, decisions, registry, history]) await open.close()
port.close()
