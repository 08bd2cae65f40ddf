import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { hasFires, readRooms } from './nist-data.ts'
import { AS_RECORDED, judgeFires, leadsOf, leaveOneOut, medianLead, shaken } from './nist-fires.ts'
import { judgeNuisances, judgeQuiet, type NuisanceYear, type Quiet } from './nuisance-year.ts'
import { CHOSEN } from './rules.ts'

/** What the chosen rule must hold, on fires and on nuisances at once: each is easy alone. */
const FOUND_SHARE = 34 / 35
const LEAD_S = 10
const CONFIRMED_PER_1000 = 1
const PRE_ALARMS_PER_1000 = 50

/** Quiet days are played with so many times the ordinary noise. */
const NOISES = [1, 3]

interface Requirement {
  readonly what: string
  readonly value: number
  readonly limit: string
  readonly ok: boolean
}

export interface FireOptions {
  readonly data: string
  readonly seed: number
  readonly years: number
  readonly json: boolean
}

const FIRE_FLAGS = `  --json         one JSON object
  --data DIR     the folder with nist-*.csv (default: ../shared/data/fire)
  --seed N       of the nuisance world (default: 1)
  --years N      sensor-years of nuisances (default: 1000)`

/** An exit code where the flags were not understood, or help was asked for, and that has been said. */
export function readFireOptions(world: string, args: readonly string[]): FireOptions | number {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        data: { type: 'string', default: '../shared/data/fire' },
        seed: { type: 'string', default: '1' },
        years: { type: 'string', default: '1000' },
      },
    })
    if (values.help) {
      console.log(`npm run evaluate -- ${world} [flags]\n${FIRE_FLAGS}`)
      return 0
    }
    const [seed, years] = [Number(values.seed), Number(values.years)]
    if (!Number.isInteger(seed) || !(years > 0))
      throw new Error('--seed takes a whole number, --years a number above 0')
    const data = resolve(values.data)
    if (!hasFires(data))
      throw new Error(`There are no NIST fires in ${data}: say with --data where nist-activation-times.csv is.`)
    return { data, seed, years, json: values.json }
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${FIRE_FLAGS}`)
    return 2
  }
}

function judgeOnFires(data: string) {
  const rooms = readRooms(data)
  const chosen = leadsOf(CHOSEN.start, rooms, AS_RECORDED)
  const lead = (keep: (meter: string) => boolean): { readonly of: number; readonly medianLeadS: number } => {
    const leads = chosen.filter((_, i) => keep(rooms[i]?.smokeMeter ?? 'none'))
    return { of: leads.length, medianLeadS: medianLead(leads) }
  }
  return {
    ...judgeFires(rooms),
    /** How the pairs are counted matters: with a smoke meter, with one under the ceiling. */
    counted: {
      all: lead(() => true),
      withSmokeMeter: lead((m) => m !== 'none'),
      underCeiling: lead((m) => m === 'ceiling'),
    },
    leaveOneTestOut: leaveOneOut(rooms),
    otherRhythmsAndNoise: shaken(rooms, CHOSEN.start),
  }
}
type OnFires = ReturnType<typeof judgeOnFires>

export interface Judged {
  readonly fires: OnFires
  readonly nuisances: NuisanceYear
  readonly quiet: readonly Quiet[]
  readonly mustHold: readonly Requirement[]
  readonly ok: boolean
}

export function judgeBoth({ data, seed, years }: FireOptions): Judged {
  const fires = judgeOnFires(data)
  const nuisances = judgeNuisances(seed, years)
  const onFires = fires.rules.find(({ rule }) => rule === CHOSEN.name)!
  const onNuisances = nuisances.rules.find(({ rule }) => rule === CHOSEN.name)!
  const mustHold: readonly Requirement[] = [
    {
      what: 'room/test pairs of real fires found, %',
      value: Math.round((onFires.found / onFires.of) * 1000) / 10,
      limit: '≥ 97.1 (34 of 35)',
      ok: onFires.of > 0 && onFires.found / onFires.of >= FOUND_SHARE,
    },
    {
      what: 'median before the first photoelectric alarm, s',
      value: onFires.medianLeadS,
      limit: `≥ ${LEAD_S}`,
      ok: onFires.medianLeadS >= LEAD_S,
    },
    {
      what: 'confirmed false fires per 1,000 sensor-years',
      value: onNuisances.confirmed.per1000,
      limit: `≤ ${CONFIRMED_PER_1000}`,
      ok: onNuisances.confirmed.per1000 <= CONFIRMED_PER_1000,
    },
    {
      what: 'pre-alarms per 1,000 sensor-years',
      value: onNuisances.preAlarms.per1000,
      limit: `≤ ${PRE_ALARMS_PER_1000} (one per 20)`,
      ok: onNuisances.preAlarms.per1000 <= PRE_ALARMS_PER_1000,
    },
  ]
  const quiet = NOISES.map((times) => judgeQuiet(seed, times))
  return { fires, nuisances, quiet, mustHold, ok: mustHold.every(({ ok }) => ok) }
}
