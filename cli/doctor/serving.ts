import { existsSync } from 'node:fs'
import { USUAL_GB26875_PORT } from '../../contract/settings.ts'
import { stateFile } from '../../store/files.ts'
import type { RoleMetric } from '../../store/state/role-metrics-port.ts'
import { openViews } from '../../store/state/sqlite.ts'
import type { Config } from '../config.ts'
import { statusOf } from '../http-status.ts'
import { whyNoPort } from '../supervisor/ports.ts'
import { bad, type Check, good, type Surroundings } from './check.ts'

const ANSWER_MS = 2000
const HTTP_OK = 200
/** Roles publish their figures about once a second. */
const ALIVE_MS = 5000

/** Every port: free, served by this Hydrant, or taken by something else? */
export async function checkServing({ config, now }: Surroundings): Promise<readonly Check[]> {
  const alive = await rolesAlive(config.dataDir, now())
  return [
    await checkPort('MQTT port', config.mqttHost, config.mqttPort, 'HYDRANT_MQTT', async () =>
      alive.has('broker') ? 'served by Hydrant' : undefined,
    ),
    ...(config.tls === undefined
      ? []
      : [
          await checkPort('MQTT over TLS port', config.mqttsHost, config.mqttsPort, 'HYDRANT_MQTTS', async () =>
            alive.has('broker') ? 'served by Hydrant' : undefined,
          ),
        ]),
    await checkPort(
      'fire panel port',
      config.gb26875Host,
      config.gb26875Port ?? USUAL_GB26875_PORT,
      'HYDRANT_GB26875',
      async () => {
        if (alive.has('broker')) return 'served by Hydrant (GB/T 26875.3)'
        // Nobody has asked for it: the broker starts without.
        return config.gb26875Port === undefined ? 'taken by another program: fire panels cannot connect' : undefined
      },
    ),
    await checkPort('console port', config.httpHost, config.httpPort, 'HYDRANT_HTTP', () => healthz(config)),
  ]
}

async function checkPort(
  name: string,
  host: string,
  port: number,
  prefix: string,
  servedBy: () => Promise<string | undefined>,
): Promise<Check> {
  const code = await whyNoPort(host, port)
  if (code === undefined) return good(name, `${host}:${port} is free (Hydrant is not running)`)
  if (code === 'EADDRINUSE') {
    const served = await servedBy()
    if (served !== undefined) return good(name, `${host}:${port} is ${served}`)
    return bad(
      name,
      `${host}:${port} is in use, and not by the Hydrant of this data folder`,
      `Stop the other program, or choose another port with ${prefix}_PORT. If it is this Hydrant after all: give doctor the variables it was started with.`,
    )
  }
  return bad(name, `${host}:${port} cannot be used: ${code}`, `Change ${prefix}_HOST or ${prefix}_PORT.`)
}

async function healthz(config: Config): Promise<string | undefined> {
  try {
    const status = await statusOf(`${config.httpUrl}/healthz`, AbortSignal.timeout(ANSWER_MS))
    return status === HTTP_OK ? 'served by Hydrant, and healthy' : undefined
  } catch {
    return undefined
  }
}

/** The roles at work: those that have published figures lately, and the dashboard only when it answers. */
export async function isServing(config: Config, now: number): Promise<ReadonlySet<RoleMetric['role']>> {
  const alive = new Set(await rolesAlive(config.dataDir, now))
  if ((await healthz(config)) === undefined) alive.delete('dashboard')
  return alive
}

async function rolesAlive(dataDir: string, now: number): Promise<ReadonlySet<RoleMetric['role']>> {
  if (!existsSync(stateFile(dataDir))) return new Set()
  const views = openViews(stateFile(dataDir))
  try {
    const metrics = await views.roleMetrics()
    return new Set(metrics.filter(({ at }) => now - at < ALIVE_MS).map(({ role }) => role))
  } finally {
    await views.close()
  }
}
