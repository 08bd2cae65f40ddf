import { setTimeout as sleep } from 'node:timers/promises'
import { connectAsync, type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../bench/eventually.ts'
import { hasInfluxd, type Influxd, startInfluxd } from '../bench/influxd.ts'
import { type System, startSystem } from '../bench/system.ts'
import type { Alarm } from '../contract/alarms.ts'
import type { Kind } from '../contract/kinds.ts'
import { stateFile } from '../store/files.ts'
import { hashSecret } from '../store/identity.ts'
import { openRegistry } from '../store/state/sqlite.ts'

/** The real roles with their history in a real InfluxDB that is not always there. */

const isCi = process.env.CI === 'true'
const BUCKET = 'hydrant'
const SECRET = 'outage'
const METERS = Array.from({ length: 10 }, (_, i) => `meter-${i}`)
/** Uploads of each meter in each part of the test, each with so many readings. */
const UPLOADS = 30
const READINGS = 10
const STEP = 60_000
/** Longer than the archive ever pauses between two tries. */
const PATIENCE_MS = 12_000
/** What the console lets a request take. */
const ANSWER_MS = 5000

describe.skipIf(!hasInfluxd() && !isCi)('while InfluxDB comes and goes', () => {
  let influxd: Influxd
  let system: System
  let token: string
  const clients = new Map<string, MqttClient>()
  const begin = Date.now() - 40 * 24 * 3_600_000
  let uploaded = 0

  const get = (path: string): Promise<Response> =>
    fetch(`${system.httpUrl}${path}`, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(ANSWER_MS),
    })
  const connect = async (id: string): Promise<void> => {
    const url = `mqtt://127.0.0.1:${system.mqttPort}`
    clients.set(id, await connectAsync(url, { clientId: id, username: id, password: SECRET, protocolVersion: 4 }))
  }
  const publish = async (id: string, payload: unknown): Promise<void> => {
    await clients.get(id)?.publishAsync('v1/devices/me/telemetry', JSON.stringify(payload), { qos: 1 })
  }
  /** Every meter uploads, each upload acknowledged before its next. */
  const upload = async (uploads: number): Promise<void> => {
    const first = uploaded
    uploaded += uploads
    const ofOne = async (id: string): Promise<void> => {
      for (let i = first; i < first + uploads; i++) {
        const volume = Array.from({ length: READINGS }, (_, k) => (i * READINGS + k) / 1000)
        await publish(id, { ts: begin + i * READINGS * STEP, step: STEP, values: { volume } })
      }
    }
    await Promise.all(METERS.map(ofOne))
  }
  const volumes = async (id?: string): Promise<number> =>
    (await influxd.count(BUCKET, id).catch(() => ({ volume: 0 }))).volume ?? 0
  /**
   * How many readings there are once `all` are, or nothing comes any more. An InfluxDB that was killed while it started has
   * been seen to come up reading, and taking no write for as long as it ran: it is then started once more, as an operator
   * would, and what waited must still all come.
   */
  const stored = async (all: number, id?: string): Promise<number> => {
    const enough = (count: number): boolean => count >= all
    const count = await eventually(() => volumes(id), enough, PATIENCE_MS)
    if (enough(count)) return count
    console.warn(`${count} of ${all} after ${PATIENCE_MS / 1000} s. ${system.output('ingest').slice(-2000)}`)
    await influxd.kill()
    await influxd.start()
    return eventually(() => volumes(id), enough)
  }
  const figure = async (name: string): Promise<number> => {
    const line = (await (await get('/metrics')).text()).split('\n').find((one) => one.startsWith(`${name} `))
    return Number(line?.split(' ')[1])
  }
  const historyOf = (id: string) => get(`/api/devices/${id}/history?quantity=volume&from=${begin}&to=${begin + 1e9}`)

  beforeAll(async () => {
    influxd = await startInfluxd()
    await influxd.stop()
    system = await startSystem({
      env: {
        HYDRANT_HISTORY: 'influx',
        HYDRANT_INFLUX_URL: influxd.url,
        HYDRANT_INFLUX_BUCKET: BUCKET,
        HYDRANT_MQTT_RATE: '0',
      },
    })
    const registry = openRegistry(stateFile(system.dataDir))
    const facts = { model: null, placeId: null, gatewayId: null, lon: null, lat: null, rhythmS: null }
    const device = (id: string, kind: Kind) => ({ ...facts, id, kind, name: id, secretHash: hashSecret(SECRET) })
    await registry.put([...METERS.map((id) => device(id, 'water-meter')), device('smoke-1', 'smoke-detector')], {
      replace: true,
    })
    await registry.close()
    token = (await system.hydrant('token', 'add', 'e2e', '--role', 'admin')).stdout.trimEnd().split('\n').at(-1) ?? ''
    for (const id of [...METERS, 'smoke-1'])
      await eventually(
        () =>
          connect(id).then(
            () => true,
            () => false,
          ),
        Boolean,
      )
  })
  afterAll(async () => {
    for (const client of clients.values()) await client.endAsync(true)
    await system?.stop()
    await influxd?.remove()
  })

  it('everything starts and acknowledges without it, and a chart says why it is empty', async () => {
    await upload(UPLOADS)
    const answer = await historyOf('meter-0')
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({
      error: {
        code: 'history.away',
        message: 'The history cannot be read now. InfluxDB does not answer (ECONNREFUSED).',
        todo: expect.stringContaining('nothing that arrives is lost'),
      },
    })
    const ready = await get('/readyz')
    expect(ready.status).toBe(200)
    expect(await ready.json()).toMatchObject({
      ready: true,
      checks: { state: 'ok', history: 'InfluxDB does not answer (ECONNREFUSED)' },
    })
    expect(
      await eventually(
        () => figure('hydrant_ingest_history_up'),
        (up) => up === 0,
      ),
    ).toBe(0)
    expect(system.output('ingest')).toContain('history does not take readings; they wait in the journal')
  })

  it('when it comes, everything that waited is in it', async () => {
    await influxd.start()
    expect(await stored(METERS.length * UPLOADS * READINGS)).toBe(METERS.length * UPLOADS * READINGS)
    expect(
      await eventually(
        async () => (await historyOf('meter-0')).status,
        (status) => status === 200,
      ),
    ).toBe(200)
    expect(
      await eventually(
        () => figure('hydrant_ingest_history_up'),
        (up) => up === 1,
      ),
    ).toBe(1)
  })

  it('killed in the middle of a load: a fire is an alarm all the same, and at the end every reading is there once', async () => {
    const load = upload(3 * UPLOADS)
    await influxd.kill()
    await publish('smoke-1', { smoke: 3.1, alarm: true })
    const alarms = await eventually(
      async () => ((await (await get('/api/alarms?deviceId=smoke-1')).json()) as { items: Alarm[] }).items,
      (items) => items.length > 0,
    )
    expect(alarms.map(({ type }) => type)).toEqual(['smoke'])
    await load
    // Killed once more while it is being caught up with.
    await influxd.start()
    await sleep(100)
    await influxd.kill()
    await upload(UPLOADS)
    await influxd.start()
    const all = METERS.length * uploaded * READINGS
    expect(await stored(all)).toBe(all)
    for (const id of METERS) expect(await influxd.count(BUCKET, id)).toEqual({ volume: uploaded * READINGS })
    expect(await influxd.count(BUCKET, 'smoke-1')).toEqual({ smoke: 1, alarm: 1 })
    const { items } = (await (await get('/api/alarms?deviceId=smoke-1')).json()) as { items: Alarm[] }
    expect(items).toHaveLength(1)
  })

  it('one that is there and answers nobody keeps nothing from ending', async () => {
    influxd.freeze()
    try {
      await publish('meter-0', { ts: begin - STEP, values: { volume: 0 } })
      expect((await historyOf('meter-0')).status).toBe(503)
      expect((await get('/api/devices/meter-0')).status).toBe(200)
      await system.end('ingest')
      await system.end('dashboard')
      expect(system.output('ingest')).toContain('ingest has stopped')
    } finally {
      influxd.thaw()
    }
    await system.start('ingest')
    const one = uploaded * READINGS + 1
    expect(await stored(one, 'meter-0')).toBe(one)
  })
})
