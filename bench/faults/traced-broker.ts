import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectAsync } from 'mqtt'
import { journalFile } from '../../store/files.ts'
import type { JournalLane } from '../../store/journal/port.ts'
import { type FleetDevice, numbered, registerFleet } from '../crash/fleet.ts'
import { runCommand, startSystem } from '../system.ts'
import { type CallOrder, checkOrder } from './call-order.ts'
import { readTrace, type SystemCall } from './system-calls.ts'

/** The broker as it runs for users, under strace, with devices of both lanes that publish one by one and all at once. */

export const hasStrace = async (): Promise<boolean> => (await runCommand('strace', ['--version'])).code === 0

/** Of each lane. */
const DEVICES = 4
/** Publishes of a device that each wait for the one before. */
const ONE_BY_ONE = 4
/** Publishes of a device that do not wait: several PUBACKs in one write, several records in one fsync. */
const AT_ONCE = 60
/** Bytes of a call that strace shows: more than all publishes of a device at once. Reading its sources is traced too. */
const SHOWN_BYTES = 16_384
/** A broker under strace is slow, not that slow. Milliseconds. */
const PATIENCE_MS = 20_000
const CALLS = [
  ...['accept4', 'read', 'readv', 'recvfrom', 'recvmsg', 'write', 'writev', 'sendto', 'sendmsg'],
  ...['pwrite64', 'pwritev', 'fsync', 'fdatasync'],
]

export interface TracedOrder extends CallOrder {
  /** Publishes acknowledged in order, by the lane of the journal that their records lie in. */
  readonly lanes: Readonly<Partial<Record<JournalLane, number>>>
  /** PUBACKs that the devices got. */
  readonly pubacks: number
  /** What was judged, to be judged again with something changed. */
  readonly calls: readonly SystemCall[]
  readonly judge: (calls: readonly SystemCall[]) => CallOrder
}

/** Throws when the broker does not start under strace. */
export async function traceBroker(): Promise<TracedOrder> {
  const folder = await mkdtemp(join(tmpdir(), 'hydrant-trace-'))
  const trace = join(folder, 'trace')
  const system = await startSystem({
    roles: [],
    // The guard line low: the journal's spare room, an eighth of it, would be most of the trace.
    env: { HYDRANT_MQTT_RATE: '0', HYDRANT_LOG_LEVEL: 'warn', HYDRANT_DISK_GUARD_MB: '1' },
    // -D: the broker stays this program's child. --seccomp-bpf: it is stopped at the calls named only.
    through: {
      broker: [
        ...['strace', '-D', '-f', '--seccomp-bpf', '-ttt', '-y', '-xx', '-s', String(SHOWN_BYTES)],
        ...['-e', `trace=${CALLS.join(',')}`, '-o', trace],
      ],
    },
  })
  try {
    const fleet: FleetDevice[] = [
      ...numbered('traced-smoke', DEVICES).map((id) => ({ id, kind: 'smoke-detector' as const })),
      ...numbered('traced-meter', DEVICES).map((id) => ({ id, kind: 'water-meter' as const })),
    ]
    const secrets = await registerFleet(system.dataDir, fleet)
    await system.start('broker')
    const pubacks = await Promise.all(fleet.map(({ id }) => publishAll(system.mqttPort, id, secrets.get(id) ?? '')))
    await system.end('broker')
    const calls = readTrace((await readFile(trace, 'utf8')).split('\n'))
    const isJournal = (file: string): boolean => laneOf(system.dataDir, file) !== undefined
    const judge = (some: readonly SystemCall[]): CallOrder => checkOrder(some, { isJournal, markOf })
    const order = judge(calls)
    const lanes: Partial<Record<JournalLane, number>> = {}
    for (const { journal } of order.acknowledged) {
      const lane = laneOf(system.dataDir, journal)
      if (lane !== undefined) lanes[lane] = (lanes[lane] ?? 0) + 1
    }
    return { ...order, lanes, pubacks: pubacks.reduce((sum, each) => sum + each, 0), calls, judge }
  } finally {
    await system.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function publishAll(port: number, id: string, secret: string): Promise<number> {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: id, username: id, password: secret })
  const publish = (n: number): Promise<unknown> =>
    client.publishAsync('v1/devices/me/telemetry', payloadOf(`<${id} ${n}>`), { qos: 1 })
  const all = async (): Promise<void> => {
    for (let n = 0; n < ONE_BY_ONE; n++) await publish(n)
    await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => publish(ONE_BY_ONE + i)))
  }
  const tooLong = async (): Promise<never> => {
    await sleep(PATIENCE_MS, undefined, { ref: false })
    throw new Error(`no PUBACK for ${id} within ${PATIENCE_MS / 1000} s`)
  }
  try {
    await Promise.race([all(), tooLong()])
    return ONE_BY_ONE + AT_ONCE
  } finally {
    await client.endAsync(true)
  }
}

/** SQLite may lay a record across two pages, which it writes apart: the mark stands in it twice, a page holds one. */
const payloadOf = (mark: string): string => `${mark}${' '.repeat(mark.length)}${mark}`
const markOf = (payload: Buffer): Buffer => payload.subarray(0, payload.indexOf('>') + 1)

/** A commit is durable when its write-ahead log is; the main file is written at leisure. */
const laneOf = (dataDir: string, file: string): JournalLane | undefined =>
  (['urgent', 'bulk'] as const).find((lane) => basename(file) === `${basename(journalFile(dataDir, lane))}-wal`)
