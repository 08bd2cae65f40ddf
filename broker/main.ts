import { isIPv6 } from 'node:net'
import { Worker } from 'node:worker_threads'
import { pino } from 'pino'
import { BadSettings, isLoopback } from '../contract/settings.ts'
import { journalFile, stateFile } from '../store/files.ts'
import { openJournalReader, openJournalWriter } from '../store/journal/sqlite.ts'
import { openRegistry, openViews } from '../store/state/sqlite.ts'
import { startBroker } from './broker.ts'
import { type Config, readConfig } from './config.ts'
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
  log.fatal(explain(error as NodeJS.ErrnoException, config))
  process.exit(1)
}

async function run(config: Config): Promise<void> {
  const { dataDir } = config
  const state = stateFile(dataDir)
  const registry = openRegistry(state)
  const views = openViews(state)
  const figures = new Worker(new URL('./metrics-worker.ts', import.meta.url), { workerData: { file: state } })
  figures.on('error', (error) => log.warn({ err: error }, 'figures are no longer published'))

  const broker = await startBroker({
    config,
    log,
    registry,
    openWriter: (lane) => openJournalWriter(journalFile(dataDir, lane)),
    pruning: { openReader: (lane) => openJournalReader(journalFile(dataDir, lane)), views },
    publishFigures: (at, values) => figures.postMessage({ at, values } satisfies FiguresMessage),
  })

  if (!isLoopback(config.mqttHost))
    log.warn(
      { host: config.mqttHost },
      'MQTT without TLS on an address that others can reach: secrets travel in the clear',
    )
  const stop = async (signal: string): Promise<void> => {
    log.info({ signal }, 'stopping')
    await broker.stop()
    await figures.terminate()
    await Promise.all([registry.close(), views.close()])
    process.exit(0)
  }
  process.once('SIGTERM', (signal) => void stop(signal))
  process.once('SIGINT', (signal) => void stop(signal))

  log.info({ address: addressOf(config, broker.port) }, 'MQTT over TCP and WebSocket')
  process.send?.({ type: 'ready' })
}

function addressOf(config: Config, port: number): string {
  return `mqtt://${isIPv6(config.mqttHost) ? `[${config.mqttHost}]` : config.mqttHost}:${port}`
}

/** What an operator can do about it. */
function explain(error: NodeJS.ErrnoException, config: Config): string {
  if (error.code === 'EADDRINUSE')
    return `Port ${config.mqttPort} on ${config.mqttHost} is taken by another program. Stop it, or set HYDRANT_MQTT_PORT.`
  if (error.code === 'EACCES')
    return `Port ${config.mqttPort} may not be used by this user. Set HYDRANT_MQTT_PORT to one above 1023.`
  if (error.code === 'EADDRNOTAVAIL')
    return `This machine has no address ${config.mqttHost}. Set HYDRANT_MQTT_HOST to one that it has.`
  return `The broker cannot start: ${error.message}`
}
