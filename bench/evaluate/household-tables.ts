import type { ClassRow, HouseholdOptions, HouseholdVerdict, RuleVerdict } from './household-verdict.ts'

/** The evaluation of households as tables of Markdown: on the screen and in docs/detection.md the same. */

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

const percent = (share: number): string => `${Math.round(share * 1000) / 10}`
const pair = (median: number | null, p90: number | null): string => (median === null ? '–' : `${median} / ${p90}`)

export const householdMustHoldTable = ({ mustHold }: HouseholdVerdict): string =>
  table(
    ['household meters', 'is', 'must be', ''],
    mustHold.map(({ what, value, limit, ok }) =>
      Number.isNaN(value)
        ? [what, '–', limit, 'none in this world']
        : [what, value, limit, ok ? 'holds' : 'does not hold'],
    ),
  )

export function householdRecallTable({ rules }: HouseholdVerdict): string {
  const other = (rule: RuleVerdict, name: string): string => {
    const row = rule.classes.find((one) => one.class === name)
    return row === undefined ? '–' : percent(row.recall)
  }
  return table(
    [
      'trouble',
      'of them',
      'not asked',
      'found, % (95 %)',
      'with 24 h of data',
      'within 7 days',
      'decision h, median / p90',
      'upload h, median / p90',
      'm³ kept, %',
      "maker's rule, %",
      'random, %',
    ],
    rules.hydrant.classes.map((row: ClassRow) => [
      row.class,
      row.troubles,
      row.notAsked,
      `${percent(row.recall)} (${percent(row.recallInterval[0])}–${percent(row.recallInterval[1])})`,
      percent(row.within24h),
      percent(row.within7d),
      pair(row.medianDecisionH, row.p90DecisionH),
      pair(row.medianLatencyH, row.p90LatencyH),
      row.avoided === null ? '–' : percent(row.avoided),
      other(rules.makers, row.class),
      other(rules.random, row.class),
    ]),
  )
}

export function householdFalseTable({ rules }: HouseholdVerdict): string {
  const cell = (rule: RuleVerdict, type: string): string => {
    const row = rule.types.find((one) => one.type === type)!
    return `${row.wrongPer1000} (${row.interval[0]}–${row.interval[1]})`
  }
  return table(
    ['alarm', 'false per 1,000 meter-days (95 %)', 'F1', "maker's rule: false", 'F1', 'random: false', 'F1'],
    rules.hydrant.types.map(({ type, f1 }) => [
      type,
      cell(rules.hydrant, type),
      f1,
      cell(rules.makers, type),
      rules.makers.types.find((one) => one.type === type)!.f1,
      cell(rules.random, type),
      rules.random.types.find((one) => one.type === type)!.f1,
    ]),
  )
}

export const householdCostSentence = ({
  options,
  readings,
  wallS,
  cpuS,
  worldS,
  judgeS,
  readingsPerS,
  stateBytes,
}: HouseholdVerdict): string =>
  `${options.meters} meters × ${options.days} days${options.hourly ? ', hourly' : ''}, seed ${options.seed}: ${readings} readings in ${wallS} s with ` +
  `${options.threads} threads (${cpuS} CPU s; in the threads ${worldS} s for the world, ${judgeS} s for decoding and judging, ${readingsPerS} readings a second and thread). ` +
  `A meter's memory is ${stateBytes} bytes of JSON.`

/** What docs/detection.md shows: a seed that nothing was tuned on. */
export const HOUSEHOLD_DOCS: HouseholdOptions = { seed: 1001, meters: 3000, days: 60, hourly: false, threads: 2 }

/** By their marks in docs/detection.md. */
export const householdFigures = (verdict: HouseholdVerdict): Readonly<Record<string, string>> => ({
  'household-must-hold': householdMustHoldTable(verdict),
  'household-recall': householdRecallTable(verdict),
  'household-false': householdFalseTable(verdict),
})
