import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { io, type Socket } from 'socket.io-client'
import type { ClientToServer, ServerToClient } from '../contract/live.ts'
import { stateFile } from '../store/files.ts'
import { openRegistry } from '../store/state/sqlite.ts'
import { type Forwarding, startForwarding } from './alarm/forwarding.ts'
import { type BenchDetector, benchDetector, PATHS, type Sender } from './alarm-paths.ts'
import { CHROMIUM, closeBrowser, hasChromium, launchChromium, makeDispatcher, openConsole } from './console.ts'
import { percentile } from './percentile.ts'
import { type System, startSystem } from './system.ts'

/**
 * sensor → painted. Smoke alarms of many different detectors, one after the other, over real MQTT or as GB/T 26875.3
 * frames of their panels into the real roles, seen by a real Chromium with the console open. A sample ends when the frame that shows the alarm's row is on screen: the
 * row is in the document (MutationObserver), one animation frame draws it, and the next one begins. That is an upper bound
 * by up to one frame, never a lower one.
 */

/** Enough that the 99th percentile is not the slowest one. */
const SAMPLES = 150
/** Compiles the code on the way and fills every cache; not counted. */
const WARM_UP = 10
/** The whole bench ends after this long, with the samples it has. */
const LIMIT_MS = 115_000
/** An alarm that is not on screen after this long is a failed sample. */
const SAMPLE_TIMEOUT_MS = 5000
/**
 * Between two alarms: an idle system is one that has drawn the end of the last alarm. Without a graphics card that takes
 * longer than this program needs for everything else. Then at random, so that the samples fall on every part of a frame
 * and of a tailing interval.
 */
const PAUSE_MIN_MS = 250
const SETTLED_FRAMES = 8
const SETTLED_FRAME_MS = 20
const SETTLE_LIMIT_MS = 2000
const PAUSE_SPREAD_MS = 120
/** The map's first tiles are drawn in this time. */
const SETTLE_MS = 2000
const STAND_DOWN_POLL_MS = 20
const CLOCK_TRIES = 25
const HELP = `npm run bench -- alarm [--path mqtt|gb26875] [--samples ${SAMPLES}] [--demo] [--chromium PATH] [--json]

From the moment a smoke alarm is sent (a publish, or a frame of a fire panel's transmission device) to the frame that shows it, in a real Chromium with the console open; --demo: while the
demo city reports too. Exit code 2 when there is no Chromium.`

/** Times are ms since 1970 with fractions. */
interface Painted {
  readonly deviceId: string
  /** The row entered the document. */
  readonly inDocument: number
  /** The frame after the one that drew it began. */
  readonly painted: number
  readonly inView: boolean
}

interface Sample {
  readonly painted: number
  readonly inDocument: number
  readonly acknowledged: number
  readonly socket: number
  /** At the channel that hears confirmed fires. */
  readonly forwarded: number
}

const now = (): number => performance.timeOrigin + performance.now()

export async function run(argv: readonly string[]): Promise<number> {
  const { values: flags } = parseArgs({
    args: [...argv],
    options: {
      json: { type: 'boolean', default: false },
      demo: { type: 'boolean', default: false },
      path: { type: 'string', default: 'mqtt' },
      samples: { type: 'string', default: String(SAMPLES) },
      chromium: { type: 'string', default: CHROMIUM },
      help: { type: 'boolean', default: false },
    },
  })
  if (flags.help) {
    console.log(HELP)
    return 0
  }
  const wanted = Number(flags.samples)
  if (!Number.isInteger(wanted) || wanted < 1) {
    process.stderr.write('--samples is a whole number from 1.\n')
    return 2
  }
  const path = PATHS.find((name) => name === flags.path)
  if (path === undefined) {
    process.stderr.write(`--path is one of ${PATHS.join(', ')}.\n`)
    return 2
  }
  if (!hasChromium(flags.chromium)) {
    process.stderr.write(
      `There is no Chromium at ${flags.chromium}: this bench measures what a browser paints. Install Debian's package chromium, or say --chromium PATH.\n`,
    )
    return 2
  }
  const deadline = now() + LIMIT_MS
  const system = await startSystem()
  let browser: Browser | undefined
  let sender: Sender | undefined
  let forwarding: Forwarding | undefined
  let socket: Socket<ServerToClient, ClientToServer> | undefined
  try {
    const detectors = Array.from({ length: wanted + WARM_UP }, (_, i) => benchDetector(path, i))
    await register(system, detectors)
    forwarding = await startForwarding(system, now)
    const { session, token } = await makeDispatcher(system)
    if (flags.demo) await system.start('simulators')
    browser = await launchChromium(flags.chromium)
    const painted = new Arrivals<Painted>()
    const page = await watchConsole(browser, system, session, painted)
    const sent = new Arrivals<number>()
    socket = await followEvents(system, token, sent)
    const offset = await clockOffset(page)

    const samples: Sample[] = []
    let failed = 0
    for (const [i, detector] of detectors.entries()) {
      if (now() > deadline) break
      sender = await detector.enter(system)
      await sleep(PAUSE_MIN_MS)
      await settled(page)
      await sleep(PAUSE_SPREAD_MS * Math.random())
      const sample = await measure(sender, detector.id, { painted, sent, forwarding }, offset)
      if (i >= WARM_UP) {
        if (sample === undefined) failed++
        else samples.push(sample)
      }
      await standDown(system, sender, token, detector.id)
      sender.leave()
    }
    return report(path, samples, failed, flags.json)
  } finally {
    socket?.disconnect()
    sender?.leave()
    await closeBrowser(browser)
    await system.stop()
    await forwarding?.close()
  }
}

/** Where a sample's alarm arrives. */
interface Ends {
  readonly painted: Arrivals<Painted>
  readonly sent: Arrivals<number>
  readonly forwarding: Forwarding
}

async function measure(
  sender: Sender,
  deviceId: string,
  { painted, sent, forwarding }: Ends,
  offset: number,
): Promise<Sample | undefined> {
  const onScreen = painted.of(deviceId)
  const onSocket = sent.of(deviceId)
  const atChannel = forwarding.next(SAMPLE_TIMEOUT_MS)
  const begun = now()
  const acknowledged = sender.alarm().then(now)
  const [stored, socketAt, seen, toldAt] = await Promise.all([acknowledged, onSocket, onScreen, atChannel])
  if (socketAt === undefined || toldAt === undefined || seen === undefined || !seen.inView) return undefined
  return {
    painted: seen.painted - offset - begun,
    inDocument: seen.inDocument - offset - begun,
    acknowledged: stored - begun,
    socket: socketAt - begun,
    forwarded: toldAt - begun,
  }
}

function report(path: string, samples: readonly Sample[], failed: number, json: boolean): number {
  const figures = (key: keyof Sample) => {
    const values = samples.map((sample) => sample[key])
    return { p50Ms: percentile(values, 0.5), p99Ms: percentile(values, 0.99) }
  }
  const all = {
    path,
    samples: samples.length,
    ...figures('painted'),
    maxMs: round(Math.max(...samples.map((sample) => sample.painted))),
    failed,
    acknowledged: figures('acknowledged'),
    socket: figures('socket'),
    forwarded: figures('forwarded'),
    inDocument: figures('inDocument'),
  }
  if (samples.length === 0) {
    process.stderr.write(`No alarm came to the screen (${failed} tried).\n`)
    return 1
  }
  if (json) process.stdout.write(`${JSON.stringify(all)}\n`)
  else {
    const line = (what: string, { p50Ms, p99Ms }: { p50Ms: number | null; p99Ms: number | null }): string =>
      `${what.padEnd(30)} p50 ${String(p50Ms).padStart(6)} ms   p99 ${String(p99Ms).padStart(6)} ms\n`
    process.stdout.write(line('sent → acknowledged (on disk)', all.acknowledged))
    process.stdout.write(line('sent → socket', all.socket))
    process.stdout.write(line('sent → forwarded to a channel', all.forwarded))
    process.stdout.write(line('sent → in the document', all.inDocument))
    process.stdout.write(line('sent → painted', all))
    process.stdout.write(`${all.samples} alarms, slowest ${all.maxMs} ms, ${failed} failed\n`)
  }
  return failed === 0 ? 0 : 1
}

const round = (ms: number): number => Math.round(ms * 100) / 100

/** Something that arrives once per device, whoever comes first: the one who waits or the thing. */
class Arrivals<T> {
  private readonly waiting = new Map<string, (value: T | undefined) => void>()

  /** Undefined when it has not come within the sample's time. */
  of(deviceId: string): Promise<T | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.settle(deviceId, undefined), SAMPLE_TIMEOUT_MS)
      this.waiting.set(deviceId, (value) => {
        clearTimeout(timer)
        resolve(value)
      })
    })
  }

  settle(deviceId: string, value: T | undefined): void {
    const settle = this.waiting.get(deviceId)
    this.waiting.delete(deviceId)
    settle?.(value)
  }
}

async function register(system: System, detectors: readonly BenchDetector[]): Promise<void> {
  const registry = openRegistry(stateFile(system.dataDir))
  try {
    await registry.put(
      detectors.map(({ device }) => device),
      { replace: true },
    )
  } finally {
    await registry.close()
  }
}

/** The console, with a script in it that says when each device's first row was painted. */
async function watchConsole(
  browser: Browser,
  system: System,
  session: string,
  painted: Arrivals<Painted>,
): Promise<Page> {
  const page = await openConsole(browser, system, session, async (page) => {
    await page.exposeFunction('hydrantPainted', (seen: Painted) => painted.settle(seen.deviceId, seen))
    await page.addInitScript({ path: join(import.meta.dirname, 'alarm-page.js') })
  })
  await sleep(SETTLE_MS)
  return page
}

/** Resolves when the page draws at its full rate again, or after a while that it does not. */
const settled = (page: Page): Promise<void> =>
  page.evaluate(`hydrantSettled(${SETTLED_FRAMES}, ${SETTLED_FRAME_MS}, ${SETTLE_LIMIT_MS})`)

/** How far the page's clock is ahead of ours, from the quickest of many questions (as NTP does). Milliseconds. */
async function clockOffset(page: Page): Promise<number> {
  let quickest = Number.POSITIVE_INFINITY
  let offset = 0
  for (let i = 0; i < CLOCK_TRIES; i++) {
    const asked = now()
    const there = await page.evaluate(() => performance.timeOrigin + performance.now())
    const answered = now()
    if (answered - asked >= quickest) continue
    quickest = answered - asked
    offset = there - (asked + answered) / 2
  }
  // Less than what the question took cannot be told from none: the machine has one clock.
  return Math.abs(offset) <= quickest / 2 ? 0 : offset
}

/** The same stream as the console's, for the breakdown. */
async function followEvents(
  system: System,
  token: string,
  sent: Arrivals<number>,
): Promise<Socket<ServerToClient, ClientToServer>> {
  const socket: Socket<ServerToClient, ClientToServer> = io(system.httpUrl, {
    transports: ['websocket'],
    auth: { token },
  })
  socket.on('events', ({ events }) => {
    const at = now()
    for (const event of events)
      if (event.type === 'alarm.raised' && event.alarm.deviceId !== null) sent.settle(event.alarm.deviceId, at)
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect_error', reject)
    socket.once('snapshot', () => resolve())
    socket.once('connect', () => socket.emit('hello', {}))
  })
  return socket
}

/** The smoke clears and the dispatcher acknowledges, so that every alarm finds the console as quiet as the first one. */
async function standDown(system: System, sender: Sender, token: string, deviceId: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  await sender.clear()
  const giveUpAt = now() + SAMPLE_TIMEOUT_MS
  while (now() < giveUpAt) {
    const answer = await fetch(`${system.httpUrl}/api/alarms?state=open&deviceId=${deviceId}`, { headers })
    const { items } = (await answer.json()) as { items: readonly { id: string; ackAt: number | null }[] }
    if (items.length === 0) return
    for (const { id, ackAt } of items)
      if (ackAt === null)
        await fetch(`${system.httpUrl}/api/alarms/${id}/acknowledge`, {
          method: 'POST',
          headers,
          body: '{"comment":""}',
        })
    await sleep(STAND_DOWN_POLL_MS)
  }
}
