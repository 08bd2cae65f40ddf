import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { CARE_DOCS, careFigures } from './care-tables.ts'
import { judgeCare } from './care-verdict.ts'
import { judgeDma } from './dma.ts'
import {
  causesTable,
  mustHoldTable,
  pairsTable,
  peopleSentence,
  quietSentence,
  robustnessTables,
  rulesTable,
} from './fire-tables.ts'
import { judgeBoth } from './fire-verdict.ts'
import { HOUSEHOLD_DOCS, householdCostSentence, householdFigures } from './household-tables.ts'
import { judgeHousehold } from './household-verdict.ts'
import { judgeLTown } from './l-town.ts'
import { judgeLeakDb } from './leakdb.ts'
import { judgeNetwork } from './network.ts'
import { progress, reportText, type WorldReport } from './zone-report.ts'

const DOCS = resolve(import.meta.dirname, '../../docs/detection.md')
const DATA = resolve(import.meta.dirname, '../../../shared/data')
const FLAGS = `npm run evaluate -- --docs [flags]

Plays every world and writes its tables into docs/detection.md; the words stay.
  --seed N    of every world (default: fire 1, the others seeds that nothing was tuned on)
  --only A,B  these worlds alone: fire, household, care, network, l-town, dma, leakdb
  --quick     a tenth of the size, to see that all of it runs`

/** Nothing was tuned on seeds from 1000 on. */
const FIRE_SEED = 1
const ZONE_SEED = 1003
const FULL = {
  years: 1000,
  meters: HOUSEHOLD_DOCS.meters,
  homes: CARE_DOCS.homes,
  networks: 6,
  districts: 4,
  hanoi: 24,
}
const QUICK = { years: 100, meters: 300, homes: 30, networks: 1, districts: 1, hanoi: 4 }

interface DocsOptions {
  /** undefined: each world's own. */
  readonly seed: number | undefined
  readonly quick: boolean
  /** Names of worlds; undefined: all. */
  readonly only: readonly string[] | undefined
}

type Figures = Readonly<Record<string, string>>

interface Chapter {
  readonly name: string
  /** Its marks in the page. */
  readonly marks: readonly string[]
  play(): Promise<{ readonly figures: Figures; readonly ok: boolean }>
}

const HOUSEHOLD_MARKS = ['household-must-hold', 'household-recall', 'household-false', 'household-run']
const FIRE_MARKS = ['must-hold', 'rules', 'pairs', 'robustness', 'causes', 'people', 'quiet', 'fire-run']

function chapters({ seed, quick }: DocsOptions): Chapter[] {
  const size = quick ? QUICK : FULL
  const zoneSeed = seed ?? ZONE_SEED
  const zone = (name: string, judge: () => Promise<WorldReport> | WorldReport): Chapter => ({
    name,
    marks: [`water-${name}`],
    play: async () => {
      const report = await judge()
      return {
        figures: { [`water-${name}`]: reportText(report) },
        ok: report.rows.every(({ holds }) => holds !== false),
      }
    },
  })
  return [
    {
      name: 'fire',
      marks: FIRE_MARKS,
      play: async () => {
        const judged = judgeBoth({
          data: resolve(DATA, 'fire'),
          seed: seed ?? FIRE_SEED,
          years: size.years,
          json: false,
        })
        return {
          ok: judged.ok,
          figures: {
            'fire-run': `Seed ${seed ?? FIRE_SEED}, ${size.years} sensor-years.`,
            'must-hold': mustHoldTable(judged),
            rules: rulesTable(judged),
            pairs: pairsTable(judged),
            robustness: robustnessTables(judged),
            causes: causesTable(judged),
            people: peopleSentence(judged),
            quiet: quietSentence(judged),
          },
        }
      },
    },
    {
      name: 'household',
      marks: HOUSEHOLD_MARKS,
      play: async () => {
        const verdict = await judgeHousehold({
          ...HOUSEHOLD_DOCS,
          seed: seed ?? HOUSEHOLD_DOCS.seed,
          meters: size.meters,
        })
        return {
          ok: verdict.ok,
          figures: { ...householdFigures(verdict), 'household-run': householdCostSentence(verdict) },
        }
      },
    },
    {
      name: 'care',
      marks: ['care-must-hold', 'care'],
      play: async () => {
        const verdict = judgeCare({ ...CARE_DOCS, seed: seed ?? CARE_DOCS.seed, homes: size.homes })
        return { ok: verdict.ok, figures: careFigures(verdict) }
      },
    },
    zone('network', () => judgeNetwork(DATA, zoneSeed, size.networks)),
    zone('l-town', () => judgeLTown(DATA, zoneSeed)),
    zone('dma', () => judgeDma(DATA, zoneSeed, size.districts)),
    zone('leakdb', () => judgeLeakDb(zoneSeed, size.hanoi)),
  ]
}

/** Writes the figures between `<!-- name -->` and `<!-- /name -->` of docs/detection.md anew, a world at a time; the words stay. */
export async function writeDocs(args: readonly string[]): Promise<number> {
  const options = read(args)
  if (typeof options === 'number') return options
  const { only } = options
  const all = chapters(options)
  const unknown = only?.find((name) => all.every((chapter) => chapter.name !== name))
  if (unknown !== undefined) {
    console.error(`There is no world "${unknown}".\n\n${FLAGS}`)
    return 2
  }
  const missing = all.flatMap(({ marks }) => marks).find((mark) => !hasPlace(mark))
  if (missing !== undefined) {
    console.error(`docs/detection.md has no place for "${missing}".`)
    return 1
  }
  let ok = true
  for (const { name, play } of all) {
    if (only !== undefined && !only.includes(name)) continue
    const tell = progress(`${name}, done`, 1)
    const played = await play()
    tell()
    let text = readFileSync(DOCS, 'utf8')
    for (const [mark, figure] of Object.entries(played.figures)) text = filled(text, mark, figure)
    writeFileSync(DOCS, text)
    ok &&= played.ok
  }
  console.log(`docs/detection.md is written.${ok ? '' : ' Not every goal holds: see its tables.'}`)
  return 0
}

const markOf = (mark: string): readonly [string, string] => [`<!-- ${mark} -->`, `<!-- /${mark} -->`]

function hasPlace(mark: string): boolean {
  const text = readFileSync(DOCS, 'utf8')
  const [open, close] = markOf(mark).map((part) => text.indexOf(part))
  return open! >= 0 && close! > open!
}

function filled(text: string, mark: string, figure: string): string {
  const [open, close] = markOf(mark)
  return `${text.slice(0, text.indexOf(open) + open.length)}\n${figure}\n${text.slice(text.indexOf(close))}`
}

function read(args: readonly string[]): DocsOptions | number {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seed: { type: 'string' },
        quick: { type: 'boolean', default: false },
        only: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (values.help) {
      console.log(FLAGS)
      return 0
    }
    const seed = values.seed === undefined ? undefined : Number(values.seed)
    if (seed !== undefined && !Number.isInteger(seed)) throw new Error('--seed takes a whole number.')
    if (!existsSync(DATA)) throw new Error(`There is no data in ${DATA}.`)
    return { seed, quick: values.quick, only: values.only?.split(',') }
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${FLAGS}`)
    return 2
  }
}
