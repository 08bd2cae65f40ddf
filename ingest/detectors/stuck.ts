import { HOUSEHOLD_METERS } from './kinds-watched.ts'
import { ALARM, type Level, QUIET, type Report } from './rule.ts'
import { watch } from './watch.ts'
import { toLitres } from './water-volume.ts'
import { durationEn, durationZh, rounded } from './wording.ts'

const HOUR_MS = 3_600_000
/** ms. Within a day of use even a dial of 10 l moves. */
const STUCK_AFTER_MS = 24 * HOUR_MS
/** m³/h. A running tap draws 0.2 to 0.6; less may be the noise of a flow sensor. */
const RUNS = 0.05
/** Moments at which water ran while the register stood: one may be a cup of water between two steps of the dial. */
const SEEN_RUNNING = 2
/** ms. After so long one is enough: what a dial of 10 l can hide in three days is no more than a cup a day. */
const ONCE_AFTER_MS = 72 * HOUR_MS

interface StuckMemory {
  /** Register, litres, and since when it stands, ms. */
  litres: number
  since: number
  last: number
  /** How often water was seen to run since then, and the largest flow, m³/h. */
  ran?: number
  flow?: number
}

/** `litres` is NaN where nothing is known. */
type StuckDraft = Required<StuckMemory> & { endedFlow: number; endedMs: number }

function judge(draft: StuckDraft, level: Level, at: number, volume: number, flow: number): Level {
  if (!Number.isNaN(volume)) {
    const litres = toLitres(volume)
    draft.last = at
    if (litres !== draft.litres) {
      if (level !== QUIET) {
        draft.endedFlow = draft.flow
        draft.endedMs = at - draft.since
      }
      draft.litres = litres
      draft.since = at
      draft.ran = 0
      draft.flow = 0
      return QUIET
    }
  }
  if (Number.isNaN(draft.litres) || !(flow >= RUNS)) return decide(draft, level)
  draft.ran++
  draft.flow = Math.max(draft.flow, flow)
  return decide(draft, level)
}

const decide = ({ ran, since, last }: StuckDraft, level: Level): Level =>
  (ran >= SEEN_RUNNING && last - since >= STUCK_AFTER_MS) || (ran > 0 && last - since >= ONCE_AFTER_MS) ? ALARM : level

function told(flow: number, ms: number): Report {
  const figure = rounded(flow, 2)
  return {
    value: figure,
    threshold: RUNS,
    unit: 'm³/h',
    en: `the register has stood for ${durationEn(ms)} while up to ${figure} m³/h ran`,
    zh: `累计水量已${durationZh(ms)}未变,其间流量最高${figure} m³/h`,
  }
}

/**
 * A register that stands while water runs, by the flow that the same meter reports, or the meter's own flag. A register
 * that stands, and nothing else, is as well a home without anybody: four weeks of that (Zenner) are every family that
 * works in the city.
 */
export const stuck = watch<StuckMemory, StuckDraft>({
  name: 'stuck',
  type: 'stuck',
  kinds: 'all',
  reported: { flag: 'stuck' },
  measured: {
    kinds: HOUSEHOLD_METERS,
    quantities: ['volume', 'flow'],
    draft: (memory) => ({
      litres: memory?.litres ?? Number.NaN,
      since: memory?.since ?? 0,
      last: memory?.last ?? 0,
      ran: memory?.ran ?? 0,
      flow: memory?.flow ?? 0,
      endedFlow: Number.NaN,
      endedMs: 0,
    }),
    keep({ litres, since, last, ran, flow }) {
      if (Number.isNaN(litres)) return undefined
      return { litres, since, last, ...(ran === 0 ? {} : { ran, flow }) }
    },
    judge,
    began: ({ since }) => since,
    report: ({ flow, since, last }, level) => (level === QUIET ? null : told(flow, last - since)),
    ended: ({ endedFlow, endedMs }) => ({ now: null, peak: Number.isNaN(endedFlow) ? null : told(endedFlow, endedMs) }),
  },
})
