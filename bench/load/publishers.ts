import { Publisher, PublishStream } from './publisher.ts'

/**
 * The load, in a process of its own: `publishers` devices publish with QoS 1 for `seconds`, each with `window` publishes
 * on their way. The parent sends one LoadOrder and gets one LoadResult.
 */
export interface LoadOrder {
  readonly port: number
  readonly publishers: number
  readonly window: number
  readonly payloadBytes: number
  readonly warmUpSeconds: number
  readonly seconds: number
  readonly secret: string
}

export interface LoadResult {
  /** Acknowledged within the measured time, which begins after the warm-up. */
  readonly acked: number
  readonly seconds: number
  /** Acknowledged from CONNECT to the end, and handed to the sockets: what must lie in the journal, and what may. */
  readonly totalAcked: number
  readonly totalSent: number
  readonly cpuSeconds: number
  readonly error: string | null
}

/** Told to the parent when measuring begins and ends, so that it reads the broker's CPU time over the same span. */
export type LoadMessage = { readonly type: 'begin' } | { readonly type: 'end'; readonly result: LoadResult }

export const deviceId = (n: number): string => `bench-${n}`
const TOPIC = 'v1/devices/me/telemetry'

const MICROSECONDS = 1_000_000
const DRAIN_MS = 5000
const DRAIN_LOOKS_EVERY_MS = 10

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const tell = (message: LoadMessage): void => {
  process.send?.(message)
}

async function run(order: LoadOrder): Promise<void> {
  let measuring = false
  let acked = 0
  let error: string | null = null
  const fail = (why: string): void => {
    error ??= why
  }
  const stream = new PublishStream(TOPIC, payload(order.payloadBytes))
  const publishers = Array.from(
    { length: order.publishers },
    (_, n) =>
      new Publisher({
        port: order.port,
        id: deviceId(n),
        secret: order.secret,
        window: order.window,
        stream,
        onAcked: (count) => {
          if (measuring) acked += count
        },
        onFailed: fail,
      }),
  )
  await Promise.all(publishers.map((publisher) => publisher.connect()))
  for (const publisher of publishers) publisher.start()
  await sleep(order.warmUpSeconds * 1000)
  measuring = true
  tell({ type: 'begin' })
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  await sleep(order.seconds * 1000)
  measuring = false
  const seconds = (performance.now() - startedAt) / 1000
  const cpu = process.cpuUsage(cpuBefore)
  for (const publisher of publishers) publisher.stop()
  const deadline = performance.now() + DRAIN_MS
  while (publishers.some((publisher) => publisher.waiting > 0) && performance.now() < deadline)
    await sleep(DRAIN_LOOKS_EVERY_MS)
  tell({
    type: 'end',
    result: {
      acked,
      seconds,
      totalAcked: publishers.reduce((sum, publisher) => sum + publisher.acked, 0),
      totalSent: publishers.reduce((sum, publisher) => sum + publisher.sent, 0),
      cpuSeconds: (cpu.user + cpu.system) / MICROSECONDS,
      error,
    },
  })
  for (const publisher of publishers) publisher.close()
}

/** A telemetry message of the contract, filled up to the size asked for. */
function payload(bytes: number): Buffer {
  const values = '{"volume":12.345,"flow":0.021,"temperature":14.2,"battery":97}'
  return Buffer.from(`${values.slice(0, -1).padEnd(bytes - 1, ' ')}}`)
}

if (process.send !== undefined)
  process.once('message', (order: LoadOrder) => {
    void run(order).finally(() => process.disconnect())
  })
