import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { stateFile } from '../store/files.ts'
import { openRegistry, openTopology } from '../store/state/sqlite.ts'
import { demoSecret } from './demo-file.ts'
import { GatewayPost, nobodyAt } from './network/gateway-post.ts'
import { leakAtHome, leakOnNetwork, parseLeak } from './network/leak-words.ts'
import { NetworkMistake } from './network/network-mistake.ts'
import { type NetworkRegistration, registrationOf } from './network/network-registration.ts'
import { play } from './network/play.ts'
import { cityTime, toldLeaks } from './network/told-leaks.ts'
import type { WorldClock } from './network/world-clock.ts'
import { newMaster, readWorldFile, type WorldFile, writeWorldFile } from './network/world-file.ts'
import { seedFlows, seedRegistry } from './seed.ts'
import { DAY_MS, HOUR_MS, LOCAL_OFFSET_MS } from './worlds/household.ts'
import { arrivalsOf } from './worlds/network-arrivals.ts'
import { type Network, openNetwork } from './worlds/network-engine.ts'
import { hourOfDay } from './worlds/network-leaks.ts'
import { type NetworkWorld, networkWorld } from './worlds/network-world.ts'
import { branchIntoZones } from './worlds/network-zones.ts'

/** `simulate network`: a network of pipes with a meter in every household, live over MQTT. */

export interface NetworkRun {
  readonly dataDir: string
  readonly host: string
  readonly port: number
  readonly httpUrl: string
  readonly inp: string
  /** Stands before every id; worlds with different names live beside one another. */
  readonly name: string
  readonly seed: number
  readonly meters: number
  readonly villages: number
  readonly perHour: 1 | 4
  readonly pressure: boolean
  readonly historyDays: number
  readonly days: number
  readonly speed: number
  readonly leaks: readonly string[]
  readonly homeLeaks: readonly string[]
  readonly leaksPerMonth: number
  readonly truthFile: string | undefined
  /** Ends when the world has caught up with the clock. */
  readonly untilNow: boolean
  say(line: string): void
}

/** How far behind the present a world may be continued in one run. */
const HORIZON_DAYS = 400
/** Branches of a village with a bulk meter of their own, at most: what locates a leak. */
const WELLS = 4
/** Two nights, and the upload of the second. */
const DAYS_UNTIL_TOLD = 3
const PROGRESS_EVERY_MS = 5000
const CHECK_TIMEOUT_MS = 5000
const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS

/** Runs until the world has caught up and `untilNow` says so, or until SIGINT or SIGTERM. Resolves with the exit code. */
export async function runNetwork(run: NetworkRun): Promise<number> {
  const { dataDir, name, say } = run
  const text = read(run.inp)
  const network = await open(run.inp, text, say)
  const file = worldFile(run, createHash('sha256').update(text).digest('hex'))
  const world = worldOf(run, network, file)
  const what = registrationOf(name, run.seed, text, world, run.pressure)
  await knock(run)

  const secretOf = (id: string): string => demoSecret(file.master, id)
  const put = await register(dataDir, what, secretOf)
  writeWorldFile(dataDir, name, file)
  say(
    `${name}: ${run.meters} household meters in ${run.villages} villages, ${what.flows.length} bulk meters${run.pressure ? `, ${world.sensors.length} pressure sensors` : ''}; ` +
      (put === 0 ? 'all registered already.' : `${put} devices registered.`),
  )
  const truth = toldLeaks(world, file, what)
  for (const one of truth) say(`leak: ${one.what}`)
  if (run.truthFile !== undefined) writeFileSync(run.truthFile, truth.map((one) => `${JSON.stringify(one)}\n`).join(''))

  const stop = new AbortController()
  const ended = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]).then(() => stop.abort())
  const post = await GatewayPost.open({
    ...{ host: run.host, port: run.port },
    gateways: what.gateways.map((id) => ({ id, secret: secretOf(id) })),
  })
  const began = performance.now()
  let [worldTime, toldAt, toldCount] = [file.sentThrough, began, 0]
  let clock: WorldClock | undefined
  const tell = (): void => {
    const now = performance.now()
    const rate = ((post.acknowledged - toldCount) * 1000) / Math.max(1, now - toldAt)
    ;[toldAt, toldCount] = [now, post.acknowledged]
    say(`world ${cityTime(clock?.now() ?? worldTime)}  ${post.acknowledged} uploads acknowledged  ${rate.toFixed(0)}/s`)
  }
  const remember = (): void => writeWorldFile(dataDir, name, { ...file, sentThrough: worldTime })
  const timer = setInterval(() => {
    tell()
    remember()
  }, PROGRESS_EVERY_MS)
  const liveFrom = Math.max(file.liveFrom, file.sentThrough)
  say(
    file.sentThrough < file.liveFrom
      ? `History from ${cityTime(hourOfDay(file.firstDay) * HOUR_MS)} to ${cityTime(file.liveFrom)}, as fast as the broker takes it.`
      : `Goes on where it was stopped: ${cityTime(file.sentThrough)}.`,
  )
  await play({
    ...{ batches: arrivalsOf(world), registered: what.registered, post, liveFrom, speed: run.speed, stop: stop.signal },
    sentThrough: file.sentThrough,
    onProgress: (at) => {
      worldTime = at
    },
    onLive: (started) => {
      tell()
      clock = started
      say(
        `Live from ${cityTime(liveFrom)}, ${run.speed} world seconds a second, until it has caught up with the clock. ` +
          `Meters send once a day, in the small hours of the world: every ${lasting(DAY_MS / run.speed)} here.`,
      )
      for (const line of lookAt(run, what)) say(line)
      say(
        `A loss is told after the second night that shows it, once that night's readings are in: in about ${lasting((DAYS_UNTIL_TOLD * DAY_MS) / run.speed)} here.`,
      )
    },
    onPresent: () => {
      say('The world has caught up with the clock.')
      for (const line of lookAt(run, what)) say(line)
      if (!run.untilNow) say('It goes on at real time: meters send once a day, in the small hours. Ctrl+C ends it.')
      return !run.untilNow
    },
  })
  clearInterval(timer)
  const all = await post.close()
  tell()
  remember()
  if (stop.signal.aborted) {
    await ended
    say('Stopped. The same command goes on from here.')
  }
  if (!all) say(`${post.sent - post.acknowledged} uploads were not acknowledged; the same command sends them again.`)
  return all ? 0 : 1
}

const lasting = (ms: number): string =>
  ms < 2 * MINUTE_MS
    ? `${Math.round(ms / SECOND_MS)} s`
    : ms < 2 * HOUR_MS
      ? `${Math.round(ms / MINUTE_MS)} min`
      : `${Math.round(ms / HOUR_MS)} h`

/** @throws NetworkMistake */
function read(inp: string): string {
  try {
    return readFileSync(inp, 'utf8')
  } catch (error) {
    throw new NetworkMistake(`${inp} cannot be read: ${(error as Error).message}`)
  }
}

async function open(inp: string, text: string, say: NetworkRun['say']): Promise<Network> {
  // EPANET warns at every step of every day, by console.warn: once is enough.
  const warned = new Set<string>()
  console.warn = (warning: string) => {
    if (!warned.has(warning)) say(warning)
    warned.add(warning)
  }
  try {
    return await openNetwork(text)
  } catch (error) {
    throw new NetworkMistake(`${inp} is no network that EPANET understands: ${(error as Error).message}`)
  }
}

/** What is remembered of this world, with the leaks of this run; or a new one. */
function worldFile(run: NetworkRun, inp: string): WorldFile {
  const { seed, meters, villages, perHour, leaksPerMonth, pressure } = run
  const made = { inp, seed, meters, villages, perHour, leaksPerMonth, pressure }
  const today = Math.floor((Date.now() + LOCAL_OFFSET_MS) / DAY_MS)
  const known = readWorldFile(run.dataDir, run.name)
  if (known !== undefined && JSON.stringify(known.made) !== JSON.stringify(made))
    throw new NetworkMistake(
      `There is a network "${run.name}" already, made otherwise (${JSON.stringify({ ...known.made, inp: undefined })}). Its registers cannot go on as another's: choose another --name for this one.`,
    )
  const firstDay = today - run.days - run.historyDays
  const file = known ?? {
    ...{ master: newMaster(), made, firstDay, leaks: [], homeLeaks: [] },
    sentThrough: hourOfDay(firstDay) * HOUR_MS,
    liveFrom: hourOfDay(today - run.days) * HOUR_MS,
  }
  const liveFrom = Math.max(file.liveFrom, file.sentThrough)
  const withNew = (before: WorldFile['leaks'], typed: readonly string[]): WorldFile['leaks'] => [
    ...before,
    ...typed.filter((words) => !before.some((one) => one.words === words)).map((words) => ({ words, liveFrom })),
  ]
  return { ...file, leaks: withNew(file.leaks, run.leaks), homeLeaks: withNew(file.homeLeaks, run.homeLeaks) }
}

/** @throws NetworkMistake */
function worldOf(run: NetworkRun, network: Network, file: WorldFile): NetworkWorld {
  const { seed, meters, villages, perHour, leaksPerMonth, pressure } = run
  const { zoneOf } = branchIntoZones(network, villages)
  const played = file.sentThrough / HOUR_MS
  const notPlayed = <T extends { readonly start: number }>(leak: T, words: string): T => {
    if (leak.start < hourOfDay(file.firstDay)) throw new NetworkMistake(`${words} begins before the world does.`)
    const isKnown = [...file.leaks, ...file.homeLeaks].some(
      (one) => one.words === words && one.liveFrom / HOUR_MS < played,
    )
    if (!isKnown && leak.start < Math.floor(played))
      throw new NetworkMistake(`${words} lies in what has been played already, until ${cityTime(file.sentThrough)}.`)
    return leak
  }
  return networkWorld(network, {
    ...{ seed, meters, villages, leaksPerMonth, firstDay: file.firstDay },
    days: Math.ceil((Date.now() - hourOfDay(file.firstDay) * HOUR_MS) / DAY_MS) + HORIZON_DAYS,
    leaks: file.leaks.map(({ words, liveFrom }) =>
      notPlayed(
        leakOnNetwork(parseLeak(words), network, (node) => zoneOf.has(node), liveFrom),
        words,
      ),
    ),
    homeLeaks: file.homeLeaks.map(({ words, liveFrom }) =>
      notPlayed(leakAtHome(parseLeak(words), meters, liveFrom), words),
    ),
    ...{ wells: WELLS, sending: { perHour, pressure } },
  })
}

/** Whether anybody is there at all, before anything is registered. */
async function knock({ host, port, dataDir }: NetworkRun): Promise<void> {
  if (!existsSync(stateFile(dataDir)))
    throw new NetworkMistake(
      `${dataDir} holds no Hydrant. HYDRANT_DATA_DIR must be the data folder of the Hydrant at ${host}:${port}.`,
    )
  await new Promise<void>((resolve, reject) => {
    const socket = connect({ host, port, timeout: CHECK_TIMEOUT_MS })
    const end = (there: boolean): void => {
      socket.destroy()
      if (there) resolve()
      else reject(new NetworkMistake(nobodyAt(host, port)))
    }
    socket.once('connect', () => end(true))
    socket.once('timeout', () => end(false))
    socket.once('error', () => end(false))
  })
}

/** Registers what is missing. Resolves with how many devices that were. */
async function register(
  dataDir: string,
  { places, devices, flows }: NetworkRegistration,
  secretOf: (id: string) => string,
): Promise<number> {
  const registry = openRegistry(stateFile(dataDir))
  const topology = openTopology(stateFile(dataDir))
  try {
    const put = await seedRegistry(registry, { places, devices }, secretOf)
    await seedFlows(topology, flows)
    return put
  } finally {
    await topology.close()
    await registry.close()
  }
}

const lookAt = ({ httpUrl, name }: NetworkRun, { villages }: NetworkRegistration): readonly string[] => [
  `Where the water goes: ${httpUrl}/water   go here first: ${httpUrl}/water/first   the whole network: ${httpUrl}/water/zones/${name}`,
  `Villages: ${[...villages.values()].map(({ id, name: called }) => `${called} ${id}`).join(', ')}`,
]
