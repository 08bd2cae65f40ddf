import { resolve } from 'node:path'
import { z } from 'zod'
import { Mistake } from './mistake.ts'

const port = z.coerce.number().int().min(1).max(65_535)

const environment = z.object({
  HYDRANT_DATA_DIR: z.string().default('./data'),
  HYDRANT_MQTT_HOST: z.string().default('127.0.0.1'),
  HYDRANT_MQTT_PORT: port.default(1883),
  HYDRANT_HTTP_HOST: z.string().default('127.0.0.1'),
  HYDRANT_HTTP_PORT: port.default(8080),
  /** Where people reach the console when a proxy stands before it, for example https://hydrant.example.cn */
  HYDRANT_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  HYDRANT_DEMO: z.enum(['0', '1']).default('1'),
})

const WHAT_IT_IS: Record<keyof z.infer<typeof environment>, string> = {
  HYDRANT_DATA_DIR: 'a folder',
  HYDRANT_MQTT_HOST: 'an address to listen on',
  HYDRANT_MQTT_PORT: 'a port from 1 to 65535',
  HYDRANT_HTTP_HOST: 'an address to listen on',
  HYDRANT_HTTP_PORT: 'a port from 1 to 65535',
  HYDRANT_PUBLIC_URL: 'an address like https://hydrant.example.cn',
  HYDRANT_DEMO: '0 (without the demo fleet) or 1',
}

export interface Config {
  /** Absolute. */
  readonly dataDir: string
  readonly mqttHost: string
  readonly mqttPort: number
  readonly httpHost: string
  readonly httpPort: number
  /** The console's address as a person types it, without a slash at the end. */
  readonly consoleUrl: string
  readonly demo: boolean
}

/** @throws Mistake with one sentence per variable that cannot be used */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  // An empty variable means that it is not set: `HYDRANT_HTTP_PORT= npm start`.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = environment.safeParse(given)
  if (!parsed.success) {
    const names = new Set(parsed.error.issues.map((issue) => issue.path[0] as keyof typeof WHAT_IT_IS))
    throw new Mistake(
      [...names].map((name) => `${name} is "${given[name]}", but it must be ${WHAT_IT_IS[name]}.`).join('\n'),
    )
  }
  const e = parsed.data
  return Object.freeze({
    dataDir: resolve(e.HYDRANT_DATA_DIR),
    mqttHost: e.HYDRANT_MQTT_HOST,
    mqttPort: e.HYDRANT_MQTT_PORT,
    httpHost: e.HYDRANT_HTTP_HOST,
    httpPort: e.HYDRANT_HTTP_PORT,
    consoleUrl:
      e.HYDRANT_PUBLIC_URL?.replace(/\/+$/, '') ?? `http://${reachable(e.HYDRANT_HTTP_HOST)}:${e.HYDRANT_HTTP_PORT}`,
    demo: e.HYDRANT_DEMO === '1',
  })
}

/** Nobody can open 0.0.0.0 in a browser; an IPv6 address stands in brackets. */
export function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}

/** A path as the person who typed it means it: npm runs its scripts in the package's folder, not in the person's. */
export function userPath(path: string, env: NodeJS.ProcessEnv): string {
  const from = env.npm_lifecycle_event === 'hydrant' ? env.INIT_CWD : undefined
  return resolve(from ?? '.', path)
}
