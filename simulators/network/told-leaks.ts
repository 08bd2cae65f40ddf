import { HOUR_MS, LOCAL_OFFSET_MS } from '../worlds/household.ts'
import type { WorldLeak } from '../worlds/network-leaks.ts'
import type { NetworkWorld } from '../worlds/network-world.ts'
import { leakAtHome, parseLeak } from './leak-words.ts'
import type { NetworkRegistration } from './network-registration.ts'
import type { WorldFile } from './world-file.ts'

interface ToldLeak {
  readonly kind: 'network' | 'household'
  /** Village or household meter, as it is registered. */
  readonly where: string
  readonly node: string | null
  readonly from: string
  readonly full: string
  /** null: nobody repairs it. */
  readonly to: string | null
  readonly litresPerHour: number
  readonly what: string
}

/** What leaks until now or was placed by hand: for a person, and for who judges what was found. */
export function toldLeaks(world: NetworkWorld, file: WorldFile, what: NetworkRegistration): ToldLeak[] {
  const horizon = Date.now() / HOUR_MS
  const told = (
    kind: ToldLeak['kind'],
    where: string,
    node: string | null,
    { start, full, end }: Pick<WorldLeak, 'start' | 'full' | 'end'>,
    litresPerHour: number,
    words: string,
  ): ToldLeak => ({
    ...{ kind, where, node, from: isoOf(start), full: isoOf(full) },
    to: Number.isFinite(end) ? isoOf(end) : null,
    litresPerHour,
    what: `${words}, from ${cityTime(start * HOUR_MS)}${full > start ? `, grown ${cityTime(full * HOUR_MS)}` : ''}${Number.isFinite(end) ? ` until ${cityTime(end * HOUR_MS)}` : ''}`,
  })
  const placed = file.leaks.map(({ words }) => words)
  const drawn = world.truth.length - placed.length
  return [
    ...world.truth.flatMap((leak, i) => {
      const village = what.villages.get(leak.village)!
      if (leak.start > horizon && i < drawn) return []
      const at = `${(leak.m3h).toFixed(2)} m³/h at ${i < drawn ? leak.node : `${placed[i - drawn]!.split('@')[0]} (node ${leak.node})`}`
      return [told('network', village.id, leak.node, leak, leak.m3h * 1000, `${at} in ${village.name} (${village.id})`)]
    }),
    ...file.homeLeaks.map(({ words, liveFrom }) => {
      const leak = leakAtHome(parseLeak(words), file.made.meters, liveFrom)
      const { id } = what.registered.get(`home-${leak.home}`)!
      return told('household', id, null, leak, leak.lph, `${leak.lph} l/h behind ${id}`)
    }),
  ]
}

const isoOf = (hour: number): string => new Date(hour * HOUR_MS).toISOString()

/** As a person in the city reads it. */
export const cityTime = (at: number): string =>
  new Date(at + LOCAL_OFFSET_MS).toISOString().slice(0, 16).replace('T', ' ')
