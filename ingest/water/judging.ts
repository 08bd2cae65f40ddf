import { judgedM3h, ZONE_KINDS, type ZoneNight } from '../../contract/zones.ts'
import type { WaterDecision } from '../../store/state/water-port.ts'
import type { Draft } from '../draft.ts'
import type { Knowledge } from '../knowledge.ts'
import type { Figures } from '../metrics.ts'
import type { ZoneFinding } from './loss-telling.ts'
import type { WaterStores } from './meters.ts'
import { canBeJudged, firstHourOf, type Memory, type Verdict, verdictOn } from './verdict.ts'
import { type LargestPart, zoneLossFinding } from './zone-loss.ts'

/** Zones in one step. */
const PER_STEP = 10
/** ms. Then a fire has its turn: a zone of which a year was uploaded at once takes as long as ten others do. */
const STEP_MS = 5
/** A part is named where it has at least this share of what is lost: else it is scatter, or has not been judged yet. */
const NAMED_SHARE = 0.2
/** Behind every hour that was ever accounted. */
const EVER = 1e7

type Night = ZoneNight & { readonly zone: string }

interface Judged extends Pick<Verdict, 'nights' | 'findings'> {
  readonly restated: number
  /** JSON. */
  readonly memory: string
}

/**
 * Judges zones whose hours have changed. What is remembered of a zone is stored with its nights; what has still to be
 * judged is not: after a start all zones are looked at once, and nothing comes of it that was known.
 */
export class Judging {
  private readonly knowledge: Knowledge
  private readonly zones: WaterStores['zones']
  private readonly figures: Figures
  private readonly elapsed: () => number
  private revision = 0
  /** Zones whose hours have changed, and the earliest hour that has; meter wells before their villages. */
  private waiting = new Map<string, number>()

  /** @param elapsed monotonic, ms */
  constructor(knowledge: Knowledge, zones: WaterStores['zones'], figures: Figures, elapsed: () => number) {
    this.knowledge = knowledge
    this.zones = zones
    this.figures = figures
    this.elapsed = elapsed
  }

  get isDone(): boolean {
    return this.waiting.size === 0
  }

  /** Looks for what has changed since. */
  async look(): Promise<void> {
    const revision = await this.zones.revision()
    if (revision === this.revision) return
    const zones = await this.zones.zones()
    // At a start all of them, from their beginning: to ask for it would read every day that was ever accounted.
    const changed =
      this.revision === 0 ? zones.map((zone) => ({ zone, firstHour: 0 })) : await this.zones.changedSince(this.revision)
    for (const { zone, firstHour } of changed)
      this.waiting.set(zone, Math.min(firstHour, this.waiting.get(zone) ?? firstHour))
    this.revision = revision
    const depth = (zone: string): number => this.knowledge.handling.places.upwards(zone).length
    this.waiting = new Map(
      [...this.waiting]
        .map((one) => ({ one, depth: depth(one[0]) }))
        .sort((a, b) => b.depth - a.depth)
        .map(({ one }) => one),
    )
    this.figures.set('ingest_zones_accounted', zones.length)
  }

  /**
   * Judges a few zones on a draft. Resolves with what is to be stored beside it, and with what is called when it is.
   * @param failed a zone that makes the code throw is left out until its hours change again
   */
  async step(
    draft: Draft,
    now: number,
    failed: (zone: string, error: unknown) => void,
  ): Promise<{ readonly water: WaterDecision | undefined; stored(): void }> {
    const taken: [string, number][] = []
    const began = this.elapsed()
    const nights: Night[] = []
    const zoneStates = new Map<string, string>()
    let restated = 0
    for (const [zone, firstHour] of this.waiting) {
      if (taken.length === PER_STEP || this.elapsed() - began > STEP_MS) break
      taken.push([zone, firstHour])
      try {
        const found = await this.judge(zone, firstHour)
        if (found === undefined) continue
        restated += found.restated
        nights.push(...found.nights.map((night) => ({ ...night, zone, judgedAt: now })))
        zoneStates.set(zone, found.memory)
        for (const finding of found.findings)
          if ('reason' in finding) draft.findAt(zone, finding, { key: `zone ${zone} ${finding.at}`, arrivedAt: now })
          else
            draft.findAt(zone, zoneLossFinding(finding, await this.largestPart(zone, finding, nights)), {
              key: `zone ${zone} ${finding.day}`,
              arrivedAt: now,
            })
      } catch (error) {
        failed(zone, error)
      }
    }
    const water = zoneStates.size === 0 ? undefined : { meters: new Map(), hours: [], counts: [], nights, zoneStates }
    return {
      water,
      stored: () => {
        for (const [zone] of taken) this.waiting.delete(zone)
        this.figures.add('ingest_zone_nights_judged_total', nights.length - restated)
        this.figures.add('ingest_zone_nights_restated_total', restated)
      },
    }
  }

  /** Undefined: nothing has changed. */
  private async judge(zone: string, firstHour: number): Promise<Judged | undefined> {
    const counts = await this.zones.counts(zone)
    if (!canBeJudged(counts)) return undefined
    const stored = await this.zones.zoneState(zone)
    const memory = stored === undefined ? undefined : (JSON.parse(stored) as Memory)
    const hours = await this.zones.hours(zone, firstHourOf(memory, counts, firstHour), EVER)
    const judgement = verdictOn(memory, hours, counts, firstHour)
    if (judgement === undefined) return undefined
    const [first, last] = [judgement.nights[0]?.day ?? 0, judgement.nights.at(-1)?.day ?? 0]
    const known = new Map((await this.zones.nights(zone, first, last + 1)).map((night) => [night.day, night]))
    const changed = judgement.nights.filter((night) => !isSame(night, known.get(night.day)))
    const text = JSON.stringify(judgement.memory)
    if (changed.length === 0 && text === stored) return undefined
    const { findings } = judgement
    return { findings, nights: changed, restated: changed.filter(({ day }) => known.has(day)).length, memory: text }
  }

  /** Of the zones in this one that have a bulk meter of their own, the one whose loss has risen most. */
  private async largestPart(
    zone: string,
    { day, m3h }: ZoneFinding,
    here: readonly Night[],
  ): Promise<LargestPart | undefined> {
    const { places } = this.knowledge.handling
    let largest: LargestPart | undefined
    for (const id of places.below(zone)) {
      const place = places.get(id)
      if (id === zone || place === undefined || !(ZONE_KINDS as readonly string[]).includes(place.kind)) continue
      const night =
        here.find((one) => one.zone === id && one.day === day) ?? (await this.zones.nights(id, day, day + 1))[0]
      const judged = night === undefined || night.verdict === 'not-judged' ? null : judgedM3h(night)
      if (judged === null || night === undefined || night.expectedM3h === null) continue
      const beyond = judged - night.expectedM3h
      if (beyond > (largest?.m3h ?? 0)) largest = { name: place.name, m3h: beyond }
    }
    return largest !== undefined && largest.m3h >= NAMED_SHARE * m3h ? largest : undefined
  }
}

function isSame(night: Verdict['nights'][number], known: ZoneNight | undefined): boolean {
  if (known === undefined) return false
  const names = Object.keys(night) as (keyof typeof night)[]
  return names.every((name) => night[name] === known[name])
}
