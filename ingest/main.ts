import { pino } from 'pino'
import { BadSettings } from '../contract/settings.ts'
import { journalFile, stateFile } from '../store/files.ts'
import { openJournalReader } from '../store/journal/sqlite.ts'
import { StoreUnusable } from '../store/sqlite.ts'
import {
  openChannels,
  openDecisions,
  openHomes,
  openRegistry,
  openRoleMetrics,
  openTopology,
  openViews,
  openWorkOrders,
  openZones,
} from '../store/state/sqlite.ts'
import { startArchive } from './archive-thread.ts'
import { announcing } from './channels/announce.ts'
import { startCourier } from './channels/courier-thread.ts'
import { readConfig } from './config.ts'
import { Detect } from './detect.ts'
import { DETECTORS } from './detectors/index.ts'
import { loop } from './loop.ts'
import { Figures } from './metrics.ts'
import { publishFigures } from './publish-figures.ts'
import { keepStateRoom } from './state-room.ts'
import { keepConfirming } from './water/confirm-repairs.ts'

/** Starting again would not help: a person has to change the settings or what lies in the data folder. */
const REFUSED_EXIT = 2

/** A fire must not wait long for a disk that has space again. */
const LONGEST_RETRY_MS = 1000

const config = ((): ReturnType<typeof readConfig> => {
  try {
    return readConfig(process.env)
  } catch (error) {
    if (!(error instanceof BadSettings)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(REFUSED_EXIT)
  }
})()

const log = pino({ level: config.logLevel, base: { role: 'ingest' } })
const now = (): number => Date.now()
const elapsed = (): number => performance.now()

const journals = {
  urgent: openJournalReader(journalFile(config.dataDir, 'urgent')),
  bulk: openJournalReader(journalFile(config.dataDir, 'bulk')),
  operator: openJournalReader(journalFile(config.dataDir, 'operator')),
}
const state = stateFile(config.dataDir)
const { registry, homes, channels, stored, views, roleMetrics, workOrders, topology, zones } = (() => {
  try {
    return {
      registry: openRegistry(state),
      homes: openHomes(state),
      channels: openChannels(state),
      stored: openDecisions(state),
      views: openViews(state),
      roleMetrics: openRoleMetrics(state),
      workOrders: openWorkOrders(state),
      topology: openTopology(state),
      zones: openZones(state),
    }
  } catch (error) {
    if (!(error instanceof StoreUnusable)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(REFUSED_EXIT)
  }
})()
const figures = new Figures()
const decisions = announcing(stored, { channels, registry, figures, log })

const stop = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort())

const detect = await Detect.open({
  journals,
  decisions,
  registry,
  homes,
  topology,
  zones,
  sighted: views,
  detectors: DETECTORS,
  figures,
  now,
  elapsed,
  log,
})
const archive = startArchive(config, log)
const courier = startCourier(config, log)
const publishing = publishFigures({ detect, archive, courier, figures, roleMetrics, now, log, signal: stop.signal })
const supervising = detect.ticks.load(stop.signal)
const keepingRoom = keepStateRoom({
  dataDir: config.dataDir,
  guardMb: config.diskGuardMb,
  decisions,
  log,
  signal: stop.signal,
})
const confirming = keepConfirming({ stores: { workOrders, zones, views }, now, log, signal: stop.signal })
log.info({ dataDir: config.dataDir, openAlarms: detect.openAlarms }, 'ingest reads the journal')
process.send?.({ type: 'ready' })

await loop(() => detect.step(), {
  idleMs: config.tailMs,
  longestRetryMs: LONGEST_RETRY_MS,
  signal: stop.signal,
  failed: (error, retryMs) => {
    figures.add('ingest_detect_failures_total')
    log.error({ error: String(error), retryMs }, 'a batch could not be decided; it will be tried again')
  },
})

await Promise.all([archive.stop(), courier.stop(), publishing, supervising, keepingRoom, confirming])
for (const open of [
  ...Object.values(journals),
  registry,
  homes,
  channels,
  stored,
  views,
  roleMetrics,
  workOrders,
  topology,
  zones,
])
  await open.close()
log.info('ingest has stopped')
process.disconnect?.()
