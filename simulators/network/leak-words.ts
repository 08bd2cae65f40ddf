import { DAY_MS, HOUR_MS, LOCAL_OFFSET_MS } from '../worlds/household.ts'
import type { Network } from '../worlds/network-engine.ts'
import type { HomeLeak, PlannedLeak } from '../worlds/network-leaks.ts'
import { nearIds } from './near-ids.ts'
import { NetworkMistake } from './network-mistake.ts'

/**
 * Leaks as a person types them: WHERE@WHEN[+GROWS]:SIZE[/LASTS], for example `p123@10m:8m3h`, `n45@3d+5d:800lh`,
 * `p7@2026-11-20T03:00:2m3h/4d`.
 */
export interface LeakWords {
  readonly words: string
  readonly where: string
  /** ms after the beginning of the live part, or a time. */
  readonly when: { readonly afterMs: number } | { readonly at: number }
  readonly growsMs: number
  readonly litresPerHour: number
  /** Infinity: nobody repairs it. */
  readonly lastsMs: number
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: HOUR_MS, d: DAY_MS }
const LITRES_PER_HOUR: Readonly<Record<string, number>> = { lh: 1, m3h: 1000, ls: 3600 }
const SPAN = '\\d+(?:\\.\\d+)?[smhd]'
const LEAK = new RegExp(
  `^(?<where>[^@]+)@(?<when>${SPAN}|\\d{4}-\\d\\d-\\d\\d(?:T\\d\\d:\\d\\d)?)(?:\\+(?<grows>${SPAN}))?` +
    `:(?<size>\\d+(?:\\.\\d+)?)(?<unit>lh|m3h|ls)(?:/(?<lasts>${SPAN}))?$`,
)

/** A span of time such as `10m`, `3d`, in ms; undefined where it is none. */
export function spanOf(text: string): number | undefined {
  const [, count, unit] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? []
  return count === undefined ? undefined : Number(count) * UNIT_MS[unit!]!
}

/** @throws NetworkMistake */
export function parseLeak(words: string): LeakWords {
  const groups = LEAK.exec(words)?.groups
  if (groups === undefined)
    throw new NetworkMistake(
      `"${words}" is no leak. It is WHERE@WHEN[+GROWS]:SIZE[/LASTS], for example p123@10m:8m3h, p123@3d+5d:500lh, p123@2026-11-20T03:00:2m3h/4d. Sizes are in m3h, lh (litres an hour) or ls; times in s, m, h, d.`,
    )
  const when = spanOf(groups.when!)
  const date = Date.parse(`${groups.when}${groups.when!.includes('T') ? '' : 'T00:00'}:00Z`) - LOCAL_OFFSET_MS
  if (when === undefined && Number.isNaN(date)) throw new NetworkMistake(`${groups.when} in "${words}" is no date.`)
  const litresPerHour = Number(groups.size) * LITRES_PER_HOUR[groups.unit!]!
  if (litresPerHour <= 0) throw new NetworkMistake(`"${words}" loses nothing.`)
  return {
    words,
    where: groups.where!,
    when: when === undefined ? { at: date } : { afterMs: when },
    growsMs: groups.grows === undefined ? 0 : spanOf(groups.grows)!,
    litresPerHour,
    lastsMs: groups.lasts === undefined ? Number.POSITIVE_INFINITY : spanOf(groups.lasts)!,
  }
}

/** @returns when it is there, in hours since 1970; a leak begins with the hour it lies in. */
function timesOf({ when, growsMs, lastsMs }: LeakWords, liveFrom: number) {
  const at = 'at' in when ? when.at : liveFrom + when.afterMs
  const start = Math.floor(at / HOUR_MS)
  return { start, full: start + Math.round(growsMs / HOUR_MS), end: start + Math.ceil(lastsMs / HOUR_MS) }
}

/**
 * A pipe's leak runs out of the hole at its end: EPANET has emitters at junctions only.
 * @param inVillage whether a node, by its index, lies in a village
 * @throws NetworkMistake where there is no such pipe or node, with ids that look like it
 */
export function leakOnNetwork(
  leak: LeakWords,
  { nodes, links }: Network,
  inVillage: (node: number) => boolean,
  liveFrom: number,
): PlannedLeak {
  const link = links.find(({ id }) => id === leak.where)
  const ends =
    link === undefined ? nodes.filter(({ id }) => id === leak.where) : [nodes[link.to - 1]!, nodes[link.from - 1]!]
  if (ends.length === 0) {
    const near = nearIds(
      leak.where,
      [...links, ...nodes].map(({ id }) => id),
    )
    throw new NetworkMistake(
      `The network has no pipe or node "${leak.where}"${near.length === 0 ? '' : `; there are ${near.join(', ')}`}.`,
    )
  }
  const node = ends.find(({ index, type }) => type === 'junction' && inVillage(index))
  if (node === undefined)
    throw new NetworkMistake(
      `${leak.where} lies at the plant, where nothing is accounted: choose a pipe between junctions.`,
    )
  return { node: node.id, ...timesOf(leak, liveFrom), m3h: leak.litresPerHour / 1000 }
}

/** @throws NetworkMistake */
export function leakAtHome(leak: LeakWords, homes: number, liveFrom: number): HomeLeak {
  const home = Number(/(?:^|-)home-(\d+)$/.exec(leak.where)?.[1] ?? Number.NaN)
  if (!(home < homes))
    throw new NetworkMistake(`There is no household "${leak.where}": they are home-0 to home-${homes - 1}.`)
  return { home, ...timesOf(leak, liveFrom), lph: leak.litresPerHour }
}
