import { relative } from 'node:path'
import { USUAL_GB26875_PORT } from '../../contract/settings.ts'
import { type Config, reachable } from '../config.ts'

export interface Running {
  readonly config: Config
  /** For the first administrator, as long as they have no password. */
  readonly signInLink: string | undefined
  readonly demo: boolean
  /** Where the person is, for short paths. */
  readonly cwd: string
}

/** What a person reads when everything serves: where to go, and what to try first. */
export function firstSteps({ config, signInLink, demo, cwd }: Running): string {
  const near = relative(cwd, config.dataDir)
  const data = near.startsWith('..') ? config.dataDir : `./${near}`
  const lines = ['', 'Hydrant is running.', '', `  Console   ${config.consoleUrl}`]
  if (signInLink !== undefined)
    lines.push(
      `  Sign in   ${signInLink}`,
      '            (as admin; works once, within 24 hours; every start prints a new one until admin has a password)',
    )
  lines.push(
    `  Devices   MQTT and MQTT over WebSocket on ${listening(config.mqttHost, config.mqttPort)}`,
    ...(config.tls === undefined
      ? []
      : [`            over TLS on ${listening(config.mqttsHost, config.mqttsPort)}, certificate ${config.tls.cert}`]),
    ...(config.mqttFirePort === undefined
      ? []
      : [`            fire and care devices on ${listening(config.mqttHost, config.mqttFirePort)}`]),
    `  Panels    GB/T 26875.3 over TCP and UDP on ${listening(config.gb26875Host, config.gb26875Port ?? USUAL_GB26875_PORT)}`,
    `  Data      ${data} (logs in ${data}/logs)`,
  )
  if (demo)
    lines.push('  Demo      2,000 meters and 300 sensors are connecting. Without them: HYDRANT_DEMO=0 npm start')
  lines.push(
    '',
    'Next, a device of your own, in a second terminal:',
    '',
    '  npm run hydrant -- device add kitchen-1 --kind smoke-detector',
    `  mosquitto_pub -h ${reachable(config.mqttHost).replaceAll(/[[\]]/g, '')} -p ${config.mqttPort} -i kitchen-1 -u kitchen-1 -P SECRET -q 1 \\`,
    `    -t v1/devices/me/telemetry -m '{"smoke":3.1,"alarm":true}'`,
    '',
    '(SECRET is the last line that the first command prints.) Everything else: npm run hydrant -- --help',
    'Stop with Ctrl+C.',
    '',
  )
  return lines.join('\n')
}

const EVERYWHERE: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

/** Where devices connect: a name of this machine, or that every address of it will do. */
const listening = (host: string, port: number): string =>
  `${reachable(host)}:${port}${EVERYWHERE.has(host) ? ' and every other address of this machine' : ''}`
