import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { misspeltSettings } from '../contract/misspelt-settings.ts'
import { stateFile } from '../store/files.ts'
import { openAccounts } from '../store/state/sqlite.ts'
import { compileCache } from './compile-cache.ts'
import { type Config, readConfig } from './config.ts'
import { EXIT_FAILED, EXIT_MISTAKE, Mistake } from './mistake.ts'
import { buildConsole } from './supervisor/build-console.ts'
import { firstAdminLink } from './supervisor/first-admin.ts'
import { firstSteps } from './supervisor/first-steps.ts'
import { LogFile } from './supervisor/log-file.ts'
import { takeDataDir } from './supervisor/only-one.ts'
import { whenParentIsGone } from './supervisor/parent-gone.ts'
import { faultsOfPorts } from './supervisor/ports.ts'
import { Role } from './supervisor/role.ts'
import { supervise } from './supervisor/supervise.ts'

const ROOT = resolve(import.meta.dirname, '..')

/** A terminal's Ctrl+C reaches us twice when npm started us: once from the terminal, once handed on by npm. */
const SAME_INTERRUPT_MS = 1000

// The terminal may be closed while Hydrant goes on (nohup, a pipe that ended).
process.stdout.on('error', () => undefined)
process.stderr.on('error', () => undefined)

const print = (line: string): void => console.log(line)

async function start(): Promise<void> {
  const { values } = parseArgs({ options: { demo: { type: 'boolean', default: false } } })
  const config = readConfig(process.env)
  const demo = values.demo && config.demo
  const letGo = takeDataDir(config.dataDir)
  const plain = { host: config.mqttHost, hostVariable: 'HYDRANT_MQTT_HOST' }
  const secure = { host: config.mqttsHost, hostVariable: 'HYDRANT_MQTTS_HOST' }
  const faults = await faultsOfPorts([
    { ...plain, what: 'MQTT', port: config.mqttPort, portVariable: 'HYDRANT_MQTT_PORT' },
    ...(config.mqttFirePort === undefined
      ? []
      : [{ ...plain, what: 'MQTT for fire', port: config.mqttFirePort, portVariable: 'HYDRANT_MQTT_FIRE_PORT' }]),
    ...(config.tls === undefined
      ? []
      : [{ ...secure, what: 'MQTT over TLS', port: config.mqttsPort, portVariable: 'HYDRANT_MQTTS_PORT' }]),
    ...(config.tls === undefined || config.mqttsFirePort === undefined
      ? []
      : [
          {
            ...secure,
            what: 'MQTT for fire over TLS',
            port: config.mqttsFirePort,
            portVariable: 'HYDRANT_MQTTS_FIRE_PORT',
          },
        ]),
    {
      what: 'console',
      host: config.httpHost,
      port: config.httpPort,
      hostVariable: 'HYDRANT_HTTP_HOST',
      portVariable: 'HYDRANT_HTTP_PORT',
    },
  ])
  if (faults.length > 0) throw new Mistake(faults.join('\n'))

  for (const sentence of misspeltSettings(process.env)) console.error(sentence)
  await buildConsole(ROOT, print)
  const role = (name: string, mayFinish = false): Role => roleOf(config, name, mayFinish)
  const system = supervise(
    {
      servers: [role('broker'), role('ingest'), role('dashboard')],
      clients: demo ? [role('simulators', true)] : [],
    },
    print,
  )
  const stop = async (): Promise<void> => {
    await system.stop()
    letGo()
  }
  const signalled = stopOnSignal(stop)

  const refused = await system.ready
  if (signalled.aborted) return
  if (refused.length > 0) {
    await stop()
    throw new Mistake(refused.join('\n'))
  }
  const accounts = openAccounts(stateFile(config.dataDir))
  const signInLink = await firstAdminLink(accounts, config.consoleUrl, Date.now())
  await accounts.close()
  print(firstSteps({ config, signInLink, demo, cwd: process.cwd() }))
}

function roleOf(config: Config, name: string, mayFinish: boolean): Role {
  const logFile = join(config.dataDir, 'logs', `${name}.log`)
  return new Role({
    name,
    file: join(ROOT, name, 'main.ts'),
    env: { NODE_COMPILE_CACHE: compileCache, ...process.env, HYDRANT_DATA_DIR: config.dataDir },
    log: new LogFile(logFile),
    logName: logFile,
    mayFinish,
    print,
    now: Date.now,
  })
}

/** @returns is aborted when a signal has come: then nothing more is to be started or said */
function stopOnSignal(stop: () => Promise<void>): AbortSignal {
  const signalled = new AbortController()
  let firstAt: number | undefined
  const onSignal = (): void => {
    const now = Date.now()
    if (firstAt === undefined) {
      firstAt = now
      signalled.abort()
      print('Stopping …')
      stop().then(
        () => process.exit(0),
        () => process.exit(EXIT_FAILED),
      )
    } else if (now - firstAt > SAME_INTERRUPT_MS) process.exit(EXIT_FAILED)
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  process.on('SIGHUP', onSignal)
  if (process.env.npm_lifecycle_event !== undefined) whenParentIsGone(() => process.ppid, onSignal)
  return signalled.signal
}

try {
  await start()
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exit(error instanceof Mistake ? EXIT_MISTAKE : EXIT_FAILED)
}
