import type { Severity } from '../../contract/alarms.ts'
import { type AloneFacts, CITY_RULE, goAway } from '../../contract/alone.ts'
import { decodeRecord } from '../../ingest/decode.ts'
import { noUse } from '../../ingest/detectors/no-use.ts'
import { overUse } from '../../ingest/detectors/over-use.ts'
import { judgeReadings } from '../../ingest/device-readings.ts'
import { readState } from '../../ingest/device-state.ts'
import { homecomingOf } from '../../ingest/homecoming.ts'
import type { Absence, AloneHome } from '../../simulators/worlds/alone.ts'
import { WORLD_START } from '../../simulators/worlds/household-fleet.ts'
import type { RegisteredDevice } from '../../store/state/registry-port.ts'

/** One home through the decoding, ordering and detection of production, and the people who answer. */

export interface Call {
  readonly type: 'noUse' | 'overUse'
  readonly severity: Severity
  readonly arrivedAt: number
  /** Newest measurement of the upload that it came with, and the one that decided it. */
  readonly at: number
  readonly decidedAt: number
  readonly since: number
}

/** Somebody answers so long after the upload came. Estimate. ms */
const ANSWERED_AFTER_MS = 6 * 3_600_000
const DETECTORS = [noUse, overUse]

const registered = ({ id, model }: AloneHome, alone: AloneFacts): RegisteredDevice => ({
  id,
  kind: 'water-meter',
  name: id,
  model,
  placeId: null,
  gatewayId: null,
  lon: null,
  lat: null,
  disabled: false,
  rhythmS: null,
  identity: 'secret',
  secretHash: new Uint8Array(),
  generation: 1,
  gbAddress: null,
  gbFrom: [],
  denied: false,
  revision: 1,
  alone,
})

/** What people enter, when. */
interface Entry {
  readonly at: number
  readonly alone: (before: AloneFacts) => AloneFacts
  /** Of an answer: the alarm that it ends. */
  readonly closes?: Call['type']
}

/** @param withAway whether absences that were told are entered, and people answer */
export function replayHome(home: AloneHome, withAway: boolean): readonly Call[] {
  let alone: AloneFacts = { ...CITY_RULE, placeId: home.id, judgedFrom: WORLD_START, away: null }
  let state = readState(undefined)
  const calls: Call[] = []
  const open = new Map<string, Severity>()
  const said = new Map<string, Severity>()
  const entries: Entry[] = withAway ? home.absences.flatMap(toldOf) : []
  for (const [seq, { arrivedAt, payload }] of home.uploads.entries()) {
    entries.sort((a, b) => a.at - b.at)
    while (entries[0] !== undefined && entries[0].at <= arrivedAt) {
      const entry = entries.shift()!
      alone = entry.alone(alone)
      if (entry.closes !== undefined) open.delete(entry.closes)
    }
    const record = {
      seq,
      kind: 'telemetry',
      deviceId: home.id,
      arg: '',
      arrivedAt,
      payload: Buffer.from(payload),
    } as const
    const decoded = decodeRecord(record)
    if (decoded.type !== 'readings') throw new Error(`the world made an upload that is no telemetry: ${payload}`)
    for (const { readings } of decoded.message.blocks) {
      const judged = judgeReadings(state, registered(home, alone), readings, arrivedAt, 'bulk', DETECTORS as never)
      state = judged.state
      const homeAgainAt = homecomingOf({ alone }, state)
      if (homeAgainAt !== undefined)
        alone = { ...alone, away: null, judgedFrom: Math.max(alone.judgedFrom, homeAgainAt) }
      for (const { type, active, missed, restates, withdrawn, severity = 'MAJOR', at, since = at } of judged.findings) {
        if (type !== 'noUse' && type !== 'overUse') continue
        const known = open.get(type)
        // What was told softly and is over is raised where a late upload shows that it was worse, as the alarm's life says.
        const before = missed === true && restates !== undefined ? said.get(type) : known
        const worse = before === 'MINOR' && severity === 'MAJOR' && withdrawn !== true
        const told = active || (missed === true && restates === undefined)
        const raises = worse || (told && known === undefined)
        if (raises) {
          const decided = type === 'noUse' ? Math.min(at, since + CITY_RULE.noUseHours * HOUR_MS) : at
          const call: Call = { type, severity, arrivedAt, at, decidedAt: decided, since }
          calls.push(call)
          said.set(type, severity)
          const answer = withAway ? answerTo(home, call) : undefined
          if (answer !== undefined) entries.push(answer)
        }
        if (active) open.set(type, severity)
        else open.delete(type)
      }
    }
  }
  return calls
}

function toldOf({ toldAt, from, until }: Absence): readonly Entry[] {
  if (toldAt === undefined) return []
  const away = { from: WORLD_START + from, until: until === null ? null : WORLD_START + until }
  const at = WORLD_START + toldAt
  return [{ at, alone: (before) => ({ ...before, ...goAway(before, away, at) }) }]
}

/** Who is called says where they are; nobody answers for whom something has happened to. */
function answerTo({ absences, trouble }: AloneHome, { type, severity, arrivedAt, since }: Call): Entry | undefined {
  const at = arrivedAt + ANSWERED_AFTER_MS
  const now = at - WORLD_START
  const gone = absences.find((one) => now >= one.from && now < one.to)
  if (gone !== undefined) {
    if (severity === 'MINOR' && (type === 'overUse' || !gone.answersOverdue)) return undefined
    const from = Math.min(since, at)
    return { at, closes: type, alone: (before) => ({ ...before, judgedFrom: at, away: { from, until: null } }) }
  }
  if (severity === 'MINOR') return undefined
  if (trouble !== undefined && now >= trouble.from && now < trouble.to) return undefined
  return { at, closes: type, alone: (before) => ({ ...before, judgedFrom: at }) }
}

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

/** The control: the plain rule over the same registers, without absences, answers and a person's own ways. */
export function plainRule(home: AloneHome): readonly Call[] {
  const calls: Call[] = []
  const seen: { readonly at: number; readonly litres: number }[] = []
  const open = new Set<Call['type']>()
  const set = (type: Call['type'], active: boolean, at: number, arrivedAt: number): void => {
    if (!active) open.delete(type)
    else if (!open.has(type)) {
      open.add(type)
      calls.push({ type, severity: 'MAJOR', arrivedAt, at, decidedAt: at, since: at - DAY_MS })
    }
  }
  for (const { arrivedAt, payload } of home.uploads) {
    const { ts, step, values } = JSON.parse(payload) as {
      ts: number
      step: number
      values: { volume: readonly (number | null)[] }
    }
    for (const [i, m3] of values.volume.entries()) {
      const at = ts + i * step
      if (m3 === null || at <= (seen.at(-1)?.at ?? 0)) continue
      const litres = m3 * 1000
      seen.push({ at, litres })
      while (seen.length > 1 && seen[1]!.at <= at - DAY_MS) seen.shift()
      const first = seen[0]!
      // A day, give or take the hour that a lost reading costs.
      const isDay = at - first.at >= DAY_MS && at - first.at <= DAY_MS + 2 * HOUR_MS
      if (!isDay) continue
      set('noUse', litres - first.litres < CITY_RULE.noUseLitres, at, arrivedAt)
      set('overUse', litres - first.litres > CITY_RULE.overUseLitres, at, arrivedAt)
    }
  }
  return calls
}
