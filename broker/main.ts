import { isIPv6 } from 'node:net'
import { Worker } from 'node:worker_threads'
import { pino } from 'pino'
import { BadSettings, isLoopback } from '../contract/settings.ts'
import { BadMasterKey, readMasterKey } from '../store/derived-key.ts'
import { DiskGuard } from '../store/disk-guard.ts'
import { journalFile, stateFile } from '../store/files.ts'
import { openJournalReader, openJournalWriter } from '../store/journal/sqlite.ts'
import { StoreUnusable } from '../store/sqlite.ts'
import { furthestCursor } from '../store/state/furthest-cursor.ts'
import { openDownlink, openRegistry, openViews } from '../store/state/sqlite.ts'
import { BadCertificate } from '../store/tls/certificate.ts'
import { CertificateWatch } from '../store/tls/certificate-watch.ts'
import { startBroker } from './broker.ts'
import { type Config, readConfig } from './config.ts'
import { downlinkBy } from './downlink-writer.ts'
import type { FiguresMessage } from './metrics-worker.ts'

let config: Config
try {
  config = readConfig(process.env)
} catch (error) {
  if (!(error instanceof BadSettings)) throw error
  console.error(error.message)
  process.exit(2)
}

const log = pino({ name: 'broker', level: config.logLevel })
try {
  await run(config)
} catch (error) {
  if (error instanceof BadCertificate || error instanceof BadMasterKey || error instanceof StoreUnusable) {
    console.error(error.message)
    process.exit(2)
  }
  log.fatal(explain(error as NodeJS.ErrnoException & { readonly port?: number }, config))
  process.exit(1)
}

async function run(config: Config): Promise<void> {
  const { dataDir } = config
  const masterKey = config.masterKeyFile === undefined ? undefined : readMasterKey(config.masterKeyFile)
  const certificate = config.tls === undefined ? undefined : await CertificateWatch.open({ files: config.tls, log })
  certificate?.start()
  process.on('SIGHUP', () => void certificate?.look('now'))
  const state = stateFile(dataDir)
  const registry = openRegistry(state)
  const views = openViews(state)
  const requests = openDownlink(state)
  const figures = new Worker(new URL('./metrics-worker.ts', import.meta.url), { workerData: { file: state } })
  figures.on('error', (error) => log.warn({ err: error }, 'figures are no longer published'))

  const guard = new DiskGuard(dataDir, config.diskGuardMb)
  await guard.start()
  // What is lost is also counted where a person looks; at the start there is nobody yet who counts.
  let countLost = (what: string): void => void lostEarly.push(what)
  const lostEarly: string[] = []
  const onLost = (what: string): void => {
    log.error(what)
    countLost(what)
  }

  const broker = await startBroker({
    config,
    log,
    registry,
    ...(masterKey === undefined ? {} : { masterKey }),
    ...(certificate === undefined ? {} : { certificate }),
    openWriter: (lane) =>
      openJournalWriter(journalFile(dataDir, lane), { startAfter: () => furthestCursor(views, lane), onLost }),
    guard,
    pruning: { openReader: (lane) => openJournalReader(journalFile(dataDir, lane)), views },
    downlink: downlinkBy(requests, figures),
    publishFigures: (at, values) => figures.postMessage({ at, values } satisfies FiguresMessage),
  })
  countLost = (what) => broker.refusals.count('journal.damaged', '', what)
  for (const what of lostEarly) countLost(what)

  if (!isLoopback(config.mqttHost))
    log.warn(
      { host: config.mqttHost },
      'MQTT without TLS on an address that others can reach: secrets travel in the clear',
    )
  const stop = async (signal: string): Promise<void> => {
    log.info({ signal }, 'stopping')
    certificate?.stop()
    guard.stop()
    await broker.stop()
    await figures.terminate()
    await Promise.all([registry.close(), views.close(), requests.close()])
    process.exit(0)
  }
  process.once('SIGTERM', (signal) => void stop(signal))
  process.once('SIGINT', (signal) => void stop(signal))

  log.info({ address: addressOf('mqtt', config.mqttHost, broker.port) }, 'MQTT over TCP and WebSocket')
  if (broker.securePort !== undefined)
    log.info({ address: addressOf('mqtts', config.mqttsHost, broker.securePort) }, 'MQTT over TLS and secure WebSocket')
  if (broker.firePort !== undefined)
    log.info({ address: addressOf('mqtt', config.mqttHost, broker.firePort) }, 'MQTT for fire and care devices only')
  if (broker.secureFirePort !== undefined)
    log.info(
      { address: addressOf('mqtts', config.mqttsHost, broker.secureFirePort) },
      'MQTT over TLS for fire and care devices only',
    )
  if (broker.gb26875Port !== undefined)
    log.info(
      { address: addressOf('tcp', config.gb26875.host, broker.gb26875Port) },
      "GB/T 26875.3 over TCP and UDP, for fire panels' transmission devices",
    )
  else log.warn('GB/T 26875.3 is off: its usual port 26875 is taken. Set HYDRANT_GB26875_PORT to another one')
  if (!isLoopback(config.gb26875.host))
    log.warn(
      { host: config.gb26875.host },
      'GB/T 26875.3 knows no secret: name the network of each panel (device add --gb-from), or let only a VPN reach it',
    )
  process.send?.({ type: 'ready' })
}

function addressOf(scheme: 'mqtt' | 'mqtts' | 'tcp', host: string, port: number): string {
  return `${scheme}://${isIPv6(host) ? `[${host}]` : host}:${port}`
}

/** What an operator can do about it. */
function explain(error: NodeJS.ErrnoException & { readonly port?: number }, config: Config): string {
  const { mqttHost, mqttsHost } = config
  const plain = { host: mqttHost, hostVariable: 'HYDRANT_MQTT_HOST', port: config.mqttPort, name: 'HYDRANT_MQTT_PORT' }
  const secure = { host: mqttsHost, hostVariable: 'HYDRANT_MQTTS_HOST' }
  const others = [
    { ...plain, port: config.mqttFirePort, name: 'HYDRANT_MQTT_FIRE_PORT' },
    { ...secure, port: config.mqttsPort, name: 'HYDRANT_MQTTS_PORT' },
    { ...secure, port: config.mqttsFirePort, name: 'HYDRANT_MQTTS_FIRE_PORT' },
    {
      host: config.gb26875.host,
      hostVariable: 'HYDRANT_GB26875_HOST',
      port: config.gb26875.port,
      name: 'HYDRANT_GB26875_PORT',
    },
  ]
  const asked = [plain, ...others].find(({ port }) => port === error.port) ?? plain
  const { host, hostVariable, port, name } = asked
  if (error.code === 'EADDRINUSE')
    return `Port ${port} on ${host} is taken by another program. Stop it, or set ${name}.`
  if (error.code === 'EACCES') return `Port ${port} may not be used by this user. Set ${name} to one above 1023.`
  if (error.code === 'EADDRNOTAVAIL')
    return `This machine has no address ${host}. Set ${hostVariable} to one that it has.`
  return `The broker cannot start: ${error.message}`
}
