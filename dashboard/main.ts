import { pino } from 'pino'
import { BadSettings, isLoopback } from '../contract/settings.ts'
import { DiskGuard } from '../store/disk-guard.ts'
import { journalFile, stateFile } from '../store/files.ts'
import { openChosenHistoryReader } from '../store/history/open.ts'
import { openJournalReader, openJournalWriter } from '../store/journal/sqlite.ts'
import { StoreUnusable } from '../store/sqlite.ts'
import { furthestCursor } from '../store/state/furthest-cursor.ts'
import {
  openAccounts,
  openAlone,
  openChannels,
  openHazards,
  openHomes,
  openOutbox,
  openRegistry,
  openResidents,
  openRoleMetrics,
  openTopology,
  openViews,
  openWorkOrders,
  openZones,
} from '../store/state/sqlite.ts'
import { BadCertificate } from '../store/tls/certificate.ts'
import { CertificateWatch } from '../store/tls/certificate-watch.ts'
import { readConfig } from './config.ts'
import { tidyOperatorLane } from './operator-upkeep.ts'
import { startDashboard } from './server.ts'

const UPKEEP_EVERY_MS = 3_600_000

try {
  const config = readConfig(process.env)
  const log = pino({ level: config.logLevel, base: { role: 'dashboard' } })
  const certificate = config.tls === undefined ? undefined : await CertificateWatch.open({ files: config.tls, log })
  certificate?.start()
  process.on('SIGHUP', () => void certificate?.look('now'))
  const state = stateFile(config.dataDir)
  const views = openViews(state)
  const stores = {
    views,
    accounts: openAccounts(state),
    residents: openResidents(state),
    alone: openAlone(state),
    homes: openHomes(state),
    hazards: openHazards(state),
    workOrders: openWorkOrders(state),
    topology: openTopology(state),
    zones: openZones(state),
    channels: openChannels(state),
    outbox: openOutbox(state),
    registry: openRegistry(state),
    roleMetrics: openRoleMetrics(state),
    history: openChosenHistoryReader(config.dataDir, config.history),
    operatorLane: await openJournalWriter(journalFile(config.dataDir, 'operator'), {
      startAfter: () => furthestCursor(views, 'operator'),
      onLost: (what) => log.error(what),
    }),
    journals: {
      urgent: openJournalReader(journalFile(config.dataDir, 'urgent')),
      bulk: openJournalReader(journalFile(config.dataDir, 'bulk')),
      operator: openJournalReader(journalFile(config.dataDir, 'operator')),
    },
  }
  const disk = new DiskGuard(config.dataDir, config.diskGuardMb)
  await disk.start()
  const upkeep = (): void => {
    const { operatorLane: writer, journals } = stores
    tidyOperatorLane({ writer, reader: journals.operator, views, disk, now: Date.now }).catch((error: unknown) =>
      log.warn({ err: error }, 'the upkeep of the operator lane failed; it is tried again'),
    )
  }
  const dashboard = await startDashboard({
    config,
    stores,
    log,
    disk,
    ...(certificate === undefined ? {} : { certificate }),
  })
  upkeep()
  const upkeeping = setInterval(upkeep, UPKEEP_EVERY_MS)
  log.info({ url: config.publicUrl ?? dashboard.url }, 'serving')
  if (!isLoopback(config.host) && !config.secureCookie)
    log.warn(
      'the console is reachable from other machines without TLS: passwords and sessions can be read on the way. Put a proxy with TLS in front and set HYDRANT_PUBLIC_URL=https://…',
    )
  process.send?.({ type: 'ready' })

  let stopping = false
  const stop = async (): Promise<void> => {
    if (stopping) return
    stopping = true
    clearInterval(upkeeping)
    disk.stop()
    certificate?.stop()
    await dashboard.close()
    const { journals, ...others } = stores
    for (const store of [...Object.values(others), ...Object.values(journals)]) await store.close()
    log.info('stopped')
    process.exit(0)
  }
  process.on('SIGTERM', () => void stop())
  process.on('SIGINT', () => void stop())
} catch (error) {
  for (const sentence of sentences(error)) process.stderr.write(`${sentence}\n`)
  process.exit(
    error instanceof BadSettings || error instanceof BadCertificate || error instanceof StoreUnusable ? 2 : 1,
  )
}

function sentences(error: unknown): readonly string[] {
  if (error instanceof BadSettings) return error.sentences
  if (!(error instanceof Error)) return [String(error)]
  if ('code' in error && error.code === 'EADDRINUSE')
    return [`${error.message}. Another program uses this port: stop it, or set HYDRANT_HTTP_PORT to a free one.`]
  return [error.message]
}
