import { setTimeout as sleep } from 'node:timers/promises'
import type { CertificateWatch } from '../../store/tls/certificate-watch.ts'
import type { Config } from '../config.ts'
import type { FrontDoor } from './front-door.ts'
import { claim } from './shared-port.ts'

/**
 * Fire devices come in before the meters' port opens: their sign-ins are the first that a new process does, at a millisecond
 * each until its code is compiled, and 450 of them took half a second with ten thousand meters beside them.
 */
const HEAD_START_MS = 300

export interface OpenPorts {
  readonly port: number
  /** Of MQTT over TLS; undefined where there is no certificate. */
  readonly securePort: number | undefined
  /** For fire and care devices only; undefined where none is set. */
  readonly firePort: number | undefined
  readonly secureFirePort: number | undefined
}

/**
 * Opens the ports of MQTT, those of fire devices first.
 * @param isOurs called in the same turn in which the first one is had, before anybody can come in
 */
export async function openPorts(
  door: FrontDoor,
  config: Pick<Config, 'mqttHost' | 'mqttPort' | 'mqttFirePort' | 'mqttsHost' | 'mqttsPort' | 'mqttsFirePort'>,
  certificate: CertificateWatch | undefined,
  isOurs: () => void,
): Promise<OpenPorts> {
  const { mqttFirePort, mqttsFirePort } = config
  const plain = { host: config.mqttHost, forFire: false }
  const secure = certificate === undefined ? undefined : { host: config.mqttsHost, certificate, forFire: false }
  if (mqttFirePort !== undefined) await claim(config.mqttHost, config.mqttPort)
  const first = await door.listen(
    mqttFirePort === undefined ? { ...plain, port: config.mqttPort } : { ...plain, port: mqttFirePort, forFire: true },
  )
  isOurs()
  const secureFirePort =
    secure === undefined || mqttsFirePort === undefined
      ? undefined
      : await door.listen({ ...secure, port: mqttsFirePort, forFire: true })
  if (mqttFirePort !== undefined) await sleep(HEAD_START_MS)
  const port = mqttFirePort === undefined ? first : await door.listen({ ...plain, port: config.mqttPort })
  const securePort = secure === undefined ? undefined : await door.listen({ ...secure, port: config.mqttsPort })
  return { port, securePort, firePort: mqttFirePort === undefined ? undefined : first, secureFirePort }
}
