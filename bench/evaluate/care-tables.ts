import type { CareOptions, CareVerdict } from './care-verdict.ts'

/** The evaluation of people who live alone as tables of Markdown: on the screen and in docs/detection.md the same. */

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

const percent = (share: number): string => `${Math.round(share * 1000) / 10}`

export const careMustHoldTable = ({ mustHold }: CareVerdict): string =>
  table(
    ['people who live alone', 'is', 'must be', ''],
    mustHold.map(({ what, value, limit, ok }) =>
      Number.isNaN(value)
        ? [what, '–', limit, 'none in this world']
        : [what, value, limit, ok ? 'holds' : 'does not hold'],
    ),
  )

export const careTable = ({ rules }: CareVerdict): string =>
  table(
    [
      'rule',
      'ill, found, % (95 %)',
      'data h, median / p90',
      'arrival h, median',
      'falls with the tap open, found',
      'false no-use per 100 homes and month (95 %)',
      'over the seeds',
      'absence untold / longer than told / at home',
      'false over-use',
      'softer findings',
    ],
    rules.map((row) => [
      row.rule,
      `${row.ill === 0 ? '–' : percent(row.illFound / row.ill)} (${percent(row.illInterval[0])}–${percent(row.illInterval[1])}) of ${row.ill}`,
      row.medianDataH === null ? '–' : `${row.medianDataH} / ${row.p90DataH}`,
      row.medianArrivalH ?? '–',
      `${row.fallsFound} of ${row.falls}`,
      `${row.false} (${row.falseInterval[0]}–${row.falseInterval[1]})`,
      `${row.falseOverSeeds[0]}–${row.falseOverSeeds[1]}`,
      `${row.falseUntold} / ${row.falseLonger} / ${row.falseHome}`,
      row.falseOver,
      row.soft,
    ]),
  )

export const careCostSentence = ({ options, rules, wallS }: CareVerdict): string =>
  `Not asked: ${rules[0]?.notAsked ?? 0} illnesses of which less than 26 h of registers came within two days of their end. ${options.homes} homes × ${options.days} days × ${options.worlds} worlds, seeds ${options.seed} to ${options.seed + options.worlds - 1}, in ${wallS} s.`

/** What docs/detection.md shows: seeds that nothing was tuned on. */
export const CARE_DOCS: CareOptions = { seed: 1010, homes: 300, days: 90, worlds: 3 }

/** By their marks in docs/detection.md. */
export const careFigures = (verdict: CareVerdict): Readonly<Record<string, string>> => ({
  'care-must-hold': careMustHoldTable(verdict),
  care: `${careTable(verdict)}\n\n${careCostSentence(verdict)}`,
})
