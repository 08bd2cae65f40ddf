import { type CauseName, NUISANCES } from '../../simulators/worlds/nuisance.ts'
import type { Judged } from './fire-verdict.ts'
import type { Rate } from './nuisance-year.ts'

/** The evaluation of fires and nuisances as tables of Markdown: on the screen and in docs/detection.md the same. */

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

const rate = ({ per1000, interval }: Rate): string => `${per1000} (${interval[0]}–${interval[1]})`
const signed = (seconds: number | undefined): string =>
  seconds === undefined ? '–' : seconds > 0 ? `+${seconds}` : String(seconds)
const lead = (seconds: number): string => (Number.isFinite(seconds) ? String(seconds) : 'not found')

export function mustHoldTable({ mustHold }: Judged): string {
  return table(
    ['the chosen rule', 'is', 'must be', ''],
    mustHold.map(({ what, value, limit, ok }) => [what, value, limit, ok ? 'holds' : 'does not hold']),
  )
}

/** One row per rule, what it finds beside what it costs. */
export function rulesTable({ fires, nuisances }: Judged): string {
  return table(
    [
      'rule',
      'fires found',
      'median lead, s',
      'ahead of photoelectric',
      'pre-alarms per 1,000 sensor-years (95 %)',
      'confirmed',
    ],
    fires.rules.map((row) => {
      const cost = nuisances.rules.find(({ rule }) => rule === row.rule)
      return [
        `${row.rule}: ${row.about}`,
        `${row.found} of ${row.of}`,
        lead(row.medianLeadS),
        row.aheadOfPhotoelectric,
        cost === undefined ? 'part of the chosen rule' : rate(cost.preAlarms),
        cost === undefined ? '' : cost.rule === 'chosen' ? rate(cost.confirmed) : '',
      ]
    }),
  )
}

/** Seconds after (negative: before) the first photoelectric alarm of the room. */
export function pairsTable({ fires }: Judged): string {
  const rules = fires.rules.map(({ rule }) => rule)
  return table(
    ['room', 'smoke meter', 'photoelectric, s', 'ionisation, s', ...rules],
    fires.pairs.map((pair) => [
      `${pair.test} ${pair.room}`,
      pair.smokeMeter,
      pair.photoelectricS,
      pair.ionisationS ?? '–',
      ...rules.map((rule) => signed(pair.rules[rule]?.afterPhotoelectricS)),
    ]),
  )
}

export function robustnessTables({ fires }: Judged): string {
  const left = table(
    ['left out', 'share chosen on the others', 'median on the others, s', 'median on it, s', 'found on it'],
    fires.leaveOneTestOut.map((row) => [
      row.leftOut,
      row.chosenShare,
      lead(row.medianOnOthersS),
      lead(row.medianOnItS),
      `${row.found} of ${row.of}`,
    ]),
  )
  const other = table(
    ['a reading every', 'runs', 'median lead, s', 'worst and best run, s', 'least found'],
    fires.otherRhythmsAndNoise.map((row) => [
      row.everyS === 0 ? 'as recorded' : `${row.everyS} s`,
      row.runs,
      lead(row.medianLeadS),
      `${lead(row.worstMedianS)} … ${lead(row.bestMedianS)}`,
      `${row.leastFound} of ${row.of}`,
    ]),
  )
  return `${left}\n\n${other}`
}

export function causesTable({ nuisances }: Judged): string {
  const rules = nuisances.rules.map(({ rule }) => rule)
  return table(
    ['cause', 'events', 'played', ...rules],
    Object.entries(nuisances.causes).map(([cause, { events, played }]) => [
      NUISANCES[cause as CauseName].en,
      events,
      played,
      ...nuisances.rules.map(({ rule, byCause }) => {
        const tally = byCause[cause]
        if (tally === undefined) return 0
        return rule === 'chosen' ? `${tally.preAlarms} / ${tally.confirmed}` : tally.preAlarms
      }),
    ]),
  )
}

export function quietSentence({ quiet }: Judged): string {
  const played = quiet.map(
    ({ sensorDays, readings, timesTheNoise, preAlarms }) =>
      `${sensorDays} sensor-days (${readings} readings) with ${timesTheNoise === 1 ? 'ordinary noise' : `${timesTheNoise} times the noise`}: ${preAlarms} pre-alarms`,
  )
  return `Of ordinary air, ${played.join('; ')}.`
}

/** What becomes of the same nuisances where people do not do their part. */
export function peopleSentence({ nuisances }: Judged): string {
  const chosen = nuisances.rules.find(({ rule }) => rule === 'chosen')!
  return (
    `Confirmed by detectors, with staff who look within the minute: ${rate(chosen.confirmed)} per 1,000 sensor-years. ` +
    `Were there never anybody who answers, the minute itself would confirm ${rate(chosen.ifNobodyAnswers)}; where nobody can look ` +
    `(somebody who lives alone) the alarm level confirms at once, ${rate(chosen.ifNobodyIsThere)}.`
  )
}
