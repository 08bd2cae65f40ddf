import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { connectAsync, type MqttClient } from 'mqtt'
import { historyFile, stateFile } from '../../store/files.ts'
import { openHistoryReader } from '../../store/history/sqlite.ts'
import { openViews } from '../../store/state/sqlite.ts'
import { caughtUp } from '../caught-up.ts'
import { numbered, registerFleet } from '../crash/fleet.ts'
import { eventually } from '../eventually.ts'
import { freePort, runCommand, startSystem } from '../system.ts'
import { type Fault, promises } from './fault.ts'

const HYDRANT = join(import.meta.dirname, '../../cli/hydrant.ts')
const CONNECTIONS = 30
const PUBLISHES = 20
/** Within the 30 days in which the end of a certificate is announced. */
const DAYS = 20
const PATIENCE_MS = 15_000
const CATCH_UP_MS = 30_000

export const CERTIFICATE: Fault = {
  name: 'certificate',
  number: 11,
  about: 'the certificate runs out soon and is exchanged while devices are connected',
  run: async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'hydrant-certificate-'))
    try {
      return await exchange(dataDir)
    } finally {
      await rm(dataDir, { recursive: true, force: true })
    }
  },
}

async function exchange(dataDir: string) {
  const made = await runCommand(process.execPath, [HYDRANT, 'tls', 'init', '--days', String(DAYS)], {
    ...process.env,
    HYDRANT_DATA_DIR: dataDir,
  })
  if (made.code !== 0) throw new Error(`hydrant tls init: ${made.stderr}`)
  const env = Object.fromEntries(
    [...made.stdout.matchAll(/export (HYDRANT_TLS_\w+)=(\S+)/g)].map(([, name = '', file = '']) => [name, file]),
  )
  const ca = await readFile(env.HYDRANT_TLS_CLIENT_CA ?? '', 'utf8')
  const port = await freePort()
  const system = await startSystem({
    dataDir,
    env: { ...env, HYDRANT_MQTTS_PORT: String(port), HYDRANT_MQTT_RATE: '0' },
  })
  const clients: MqttClient[] = []
  const views = openViews(stateFile(dataDir))
  try {
    const ids = numbered('tls-meter', CONNECTIONS)
    const secrets = await registerFleet(
      dataDir,
      ids.map((id) => ({ id, kind: 'water-meter' })),
    )
    let drops = 0
    for (const id of ids) {
      const client = await connectAsync({
        ...{ protocol: 'mqtts', host: 'localhost', port, ca, reconnectPeriod: 0 },
        ...{ clientId: id, username: id, password: secrets.get(id) ?? '' },
      })
      client.on('close', () => {
        drops++
      })
      clients.push(client)
    }
    const from = Date.now() - PUBLISHES * 60_000
    const before = await shownBy(port, ca)
    const began = performance.now()
    const publishing = Promise.all(
      clients.map(async (client) => {
        for (let n = 0; n < PUBLISHES; n++)
          await client.publishAsync(
            'v1/devices/me/telemetry',
            JSON.stringify({ ts: from + n * 60_000, values: { volume: n / 1000 } }),
            { qos: 1 },
          )
      }),
    )
    const renewed = await system.hydrant('tls', 'renew', '--days', '300')
    for (const role of ['broker', 'dashboard'] as const) process.kill(system.pid(role) ?? 0, 'SIGHUP')
    const after = await eventually(
      () => shownBy(port, ca),
      (shown) => shown !== before,
      PATIENCE_MS,
    )
    const recoverySeconds = Math.round((performance.now() - began) / 10) / 100
    await publishing
    for (const client of clients) await client.publishAsync('v1/devices/me/telemetry', '{"volume":1}', { qos: 1 })
    const dropsMeanwhile = drops
    await caughtUp(system, views, CATCH_UP_MS)
    const history = openHistoryReader(historyFile(dataDir))
    let stored = 0
    for (const id of ids) stored += (await history.range(id, 0, Number.MAX_SAFE_INTEGER, 10_000)).at.length
    await history.close()
    const acked = CONNECTIONS * (PUBLISHES + 1)
    return {
      injected: `a certificate of ${DAYS} days was exchanged under ${CONNECTIONS} open connections`,
      acked,
      stored,
      lost: acked - stored,
      duplicateAlarms: 0,
      recoverySeconds,
      drops: dropsMeanwhile,
      broken: promises({
        [`hydrant tls renew: ${renewed.stderr.slice(0, 200)}`]: renewed.code === 0,
        'who connects now is shown the old certificate': after !== before,
        [`${dropsMeanwhile} connections were dropped`]: dropsMeanwhile === 0,
        'nobody was told that the certificate runs out': system.output('broker').includes('certificate runs out'),
        [`${acked - stored} acknowledged readings are not stored`]: acked === stored,
      }),
    }
  } finally {
    for (const client of clients) client.end(true)
    await views.close()
    await system.stop()
  }
}

async function shownBy(port: number, ca: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca })
  await once(socket, 'secureConnect')
  const fingerprint = socket.getPeerX509Certificate()?.fingerprint256 ?? ''
  socket.destroy()
  return fingerprint
}
