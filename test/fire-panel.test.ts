import { afterAll, beforeAll, expect, test } from 'vitest'
import { type System, startSystem } from '../bench/system.ts'
import { decodeFrame } from '../contract/gb26875/frame.ts'
import { decodeObjects } from '../contract/gb26875/objects.ts'
import { TransmissionDevice } from '../simulators/devices/transmission-device.ts'
import { journalFile, stateFile } from '../store/files.ts'
import { openJournalReader } from '../store/journal/sqlite.ts'
import { openRegistry, openViews } from '../store/state/sqlite.ts'

/** Real roles, a simulated transmission device, and a broker that is killed while the device sends. */

const ADDRESS = 889
const POINTS = 20
/** The broker dies after so many acknowledged fires: some frames are stored and not acknowledged then, or on their way. */
const KILLED_AFTER = 7

let system: System
beforeAll(async () => {
  system = await startSystem({ roles: ['broker', 'ingest'] })
  const registry = openRegistry(stateFile(system.dataDir))
  const facts = { name: '梨园', model: null, placeId: null, gatewayId: null, lon: null, lat: null, rhythmS: null }
  const secretHash = new Uint8Array(32)
  await registry.put([{ ...facts, id: 'panel-1', kind: 'fire-panel', secretHash, gbAddress: ADDRESS }], {
    replace: false,
  })
  await registry.close()
})
afterAll(() => system.stop())

test('fires of a panel whose broker is killed meanwhile are all there, each once, and acknowledged', async () => {
  const device = new TransmissionDevice({
    host: '127.0.0.1',
    port: system.gb26875Port,
    address: ADDRESS,
    points: POINTS,
    reconnectMs: 20,
  })
  device.start()
  const acknowledged: boolean[] = []
  let restarted: Promise<void> | undefined
  for (let n = 1; n <= POINTS; n += 1) {
    if (n === KILLED_AFTER) restarted = system.end('broker', 'SIGKILL').then(() => system.start('broker'))
    acknowledged.push(await device.report([n], 'normal', 'fire'))
  }
  await restarted
  expect(acknowledged).toEqual(new Array(POINTS).fill(true))

  const reader = openJournalReader(journalFile(system.dataDir, 'urgent'))
  const records = await reader.readAfter(0, 1000)
  await reader.close()
  const stored = records
    .filter(({ kind }) => kind === 'raw')
    .flatMap(({ payload }) => {
      const { name, objects } = decodeObjects(decodeFrame(payload).data)
      return name === 'componentState' ? objects.map(({ zone, point }) => `${zone}-${point}`) : []
    })
  expect(stored).toHaveLength(POINTS)
  expect(new Set(stored).size).toBe(POINTS)

  const views = openViews(stateFile(system.dataDir))
  const fires = async (): Promise<number> => {
    const { items } = await views.alarms({ state: 'active', limit: 100 })
    return items.filter(({ deviceId, count }) => deviceId?.startsWith('panel-1.') === true && count === 1).length
  }
  await expect.poll(fires, { timeout: 10_000, interval: 20 }).toBe(POINTS)
  await views.close()
  device.stop()
})
