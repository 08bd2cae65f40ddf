import { z } from 'zod'

/** An empty variable counts as absent: that is what `.env` files and compose files make of "not set". */
const given = (env: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value ? [[name, value]] : [])))

const environment = z.object({
  HYDRANT_DATA_DIR: z.string().default('./data'),
  HYDRANT_MQTT_HOST: z.string().default('127.0.0.1'),
  HYDRANT_MQTT_PORT: z.coerce
    .number('is a port, 1 to 65535')
    .int('is a whole number')
    .min(1, 'is a port, 1 to 65535')
    .max(65_535, 'is a port, 1 to 65535')
    .default(1883),
  HYDRANT_LOG_LEVEL: z
    .enum(
      ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
      'is one of fatal, error, warn, info, debug, trace, silent',
    )
    .default('info'),
})

export interface Config {
  readonly dataDir: string
  readonly mqttHost: string
  readonly mqttPort: number
  readonly logLevel: string
}

/** The environment cannot be used; the message says everything that is wrong at once, a line each. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

/** Addresses that mean "listen everywhere"; who wants to reach such a broker on this machine goes to the loopback. */
const EVERYWHERE = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
])

export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const values = given(env)
  const result = environment.safeParse(values)
  if (!result.success)
    throw new ConfigError(
      result.error.issues
        .map((issue) => `${issue.path.join('.')}=${values[String(issue.path[0])] ?? ''}: ${issue.message}`)
        .join('\n'),
    )
  return Object.freeze({
    dataDir: result.data.HYDRANT_DATA_DIR,
    mqttHost: EVERYWHERE.get(result.data.HYDRANT_MQTT_HOST) ?? result.data.HYDRANT_MQTT_HOST,
    mqttPort: result.data.HYDRANT_MQTT_PORT,
    logLevel: result.data.HYDRANT_LOG_LEVEL,
  })
}
