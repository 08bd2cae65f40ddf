import { fraction } from '../random.ts'
import type { DemoVillage, VillageLoss } from '../worlds/demo-villages.ts'
import { DAY_MS, HOUR_MS } from '../worlds/household.ts'
import type { Behaviour, Draw } from './device.ts'
import { rounded } from './device.ts'
import { battery, signal } from './surroundings.ts'
import { BACKLOG_DAYS, drawnM3, hourlyBacklog, meteredHome } from './water-meter.ts'

const LIVE_MS = 60_000
const LITRES_PER_M3 = 1000
/** When the water began to weep: the demo's calendar. */
const SINCE = Date.UTC(2026, 0, 1)
/** What weeps is not the same each night: with pressure and temperature, so much of it, over so many days. */
const SWINGS = [
  { share: 0.15, days: 5.3 },
  { share: 0.08, days: 1.9 },
]
/** Of an electromagnetic meter of class 2, when it is new. */
const ERROR = 0.004

/** An electromagnetic meter at the inlet of a village: what its households draw, what weeps, and what is lost. */
export function bulkMeter(
  { bulkMeter: { id, seed }, place, households, weeping }: DemoVillage,
  losses: readonly VillageLoss[],
  draws: readonly Draw[],
): Behaviour {
  const homes = households.map((household) =>
    meteredHome(
      household.seed,
      draws.filter(({ deviceId }) => deviceId === household.id),
    ),
  )
  const lost: Draw[] = losses
    .filter(({ villageId }) => villageId === place.id)
    .map((loss) => ({ ...loss, deviceId: id }))
  const used = {
    volumeAt: (at: number): number =>
      homes.reduce((sum, { volumeAt: of }) => sum + of(at), 0) + weptM3(seed, weeping, at),
    flowAt: (at: number): number => homes.reduce((sum, { flowAt: of }) => sum + of(at), 0) + weeping / LITRES_PER_M3,
  }
  return inletMeter(seed, used, lost)
}

/** An electromagnetic meter that `used` and what is lost run through. */
export function inletMeter(
  seed: number,
  used: { volumeAt(at: number): number; flowAt(at: number): number },
  lost: readonly Draw[],
): Behaviour {
  const factor = 1 + ERROR * (2 * fraction(seed, 1) - 1)
  const volumeAt = (at: number): number => rounded(factor * (used.volumeAt(at) + drawnM3(lost, at)), 3)
  const flowAt = (at: number): number => {
    const runs = lost.filter(({ from, to }) => at >= from && at < to)
    const lostLph = runs.reduce((sum, { litresPerHour }) => sum + litresPerHour, 0)
    return rounded(factor * (used.flowAt(at) + lostLph / LITRES_PER_M3), 3)
  }
  return {
    rhythmMs: LIVE_MS,
    report: (at) => ({ volume: volumeAt(at), flow: flowAt(at), battery: battery(seed, at), rssi: signal(seed, at) }),
    backlog: (at) => [hourlyBacklog(volumeAt, at - BACKLOG_DAYS * DAY_MS, at)],
  }
}

/** The integral of what weeps: `weeping` l/h on average, never less than nothing. */
const weptM3 = (seed: number, weeping: number, at: number): number =>
  SWINGS.reduce(
    (hours, { share, days }) => {
      const turns = (2 * Math.PI) / (days * DAY_MS)
      const phase = 2 * Math.PI * fraction(seed, days * 10)
      return hours + (share * Math.sin(turns * (at - SINCE) + phase)) / (turns * HOUR_MS)
    },
    (at - SINCE) / HOUR_MS,
  ) *
  (weeping / LITRES_PER_M3)
