import { connectAsync } from 'mqtt'
import { componentId } from '../ingest/codecs/gb26875/ids.ts'
import { pointState } from '../simulators/devices/panel-points.ts'
import { TransmissionDevice } from '../simulators/devices/transmission-device.ts'
import { hashSecret, makeSecret } from '../store/identity.ts'
import type { NewDevice } from '../store/state/registry-port.ts'
import type { System } from './system.ts'

/** The ways an alarm can come in: each sample is another device, alone at its place, so that each raises an alarm of its own. */

/** A device that is connected and quiet. */
export interface Sender {
  /** Sends a smoke alarm. Resolves when it is acknowledged, which means that it is on disk. */
  alarm(): Promise<void>
  clear(): Promise<void>
  leave(): void
}

export interface BenchDetector {
  /** Whose alarm is waited for. */
  readonly id: string
  /** What is registered for it. */
  readonly device: NewDevice
  enter(system: System): Promise<Sender>
}

export const PATHS = ['mqtt', 'gb26875'] as const
export type PathName = (typeof PATHS)[number]

/** Centre of Liaocheng, WGS-84. */
const CENTRE = [115.98, 36.45] as const
const FIRST_ADDRESS = 371_500_000
/** The one point of each panel that burns: a smoke detector. */
const POINT = 1

const facts = (id: string, i: number, secret: string) => ({
  id,
  name: `Bench ${i}`,
  model: null,
  placeId: null,
  gatewayId: null,
  lon: CENTRE[0] + (i % 10) * 0.01,
  lat: CENTRE[1] + Math.floor(i / 10) * 0.01,
  rhythmS: null,
  secretHash: hashSecret(secret),
})

export function benchDetector(path: PathName, i: number): BenchDetector {
  return path === 'mqtt' ? detectorByMqtt(i) : pointOfPanel(i)
}

function detectorByMqtt(i: number): BenchDetector {
  const id = `bench-smoke-${String(i).padStart(4, '0')}`
  const secret = makeSecret()
  return {
    id,
    device: { ...facts(id, i, secret), kind: 'smoke-detector' },
    enter: async (system) => {
      const url = `mqtt://127.0.0.1:${system.mqttPort}`
      const client = await connectAsync(url, { clientId: id, username: id, password: secret, clean: true })
      const say = async (payload: string): Promise<void> => {
        await client.publishAsync('v1/devices/me/telemetry', payload, { qos: 1 })
      }
      return {
        alarm: () => say('{"smoke":3.1,"alarm":true}'),
        clear: () => say('{"smoke":0.1,"alarm":false}'),
        leave: () => void client.end(true),
      }
    },
  }
}

function pointOfPanel(i: number): BenchDetector {
  const panel = `bench-panel-${String(i).padStart(4, '0')}`
  const address = FIRST_ADDRESS + i
  return {
    id: componentId(panel, pointState(POINT, [])),
    device: { ...facts(panel, i, makeSecret()), kind: 'fire-panel', gbAddress: address },
    enter: async (system) => {
      const device = new TransmissionDevice({ host: '127.0.0.1', port: system.gb26875Port, address, points: POINT })
      const say = async (...bits: readonly ('normal' | 'fire')[]): Promise<void> => {
        if (!(await device.report([POINT], ...bits))) throw new Error(`the frame of ${panel} was not acknowledged`)
      }
      device.start()
      // Known before it burns, as the points of a panel that is at work are.
      await say('normal')
      return { alarm: () => say('normal', 'fire'), clear: () => say('normal'), leave: () => device.stop() }
    },
  }
}
