import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/**
 * Run by hand: `node simulators/worlds/derive-end-uses.ts [../shared/data/household/end-use-events.csv]`. Prints what
 * `household.ts` (END_USE_FACTS) and `household-use.ts` (hose, irrigation) hold: medians, spreads of the logarithm, shares by
 * hour of 821 labelled end uses of one real household (CIWS visualisation challenge 2020).
 */

const LITRES_PER_GALLON = 3.785411784
const MINUTES_PER_HOUR = 60

interface Use {
  readonly label: string
  readonly day: string
  readonly hour: number
  readonly minutes: number
  readonly litres: number
  /** l/min */
  readonly flow: number
}

const file = resolve(process.argv[2] ?? '../shared/data/household/end-use-events.csv')
const uses = readFileSync(file, 'utf8')
  .trim()
  .split(/\r?\n/)
  .slice(1)
  .map((line): Use => {
    const cells = line.split(',')
    const [start = '', minutes, gallons, gallonsPerMinute, label = ''] = [0, 2, 3, 4, 7].map((i) => cells[i])
    return {
      label,
      day: start.slice(0, 10),
      hour: Number(start.slice(11, 13)),
      minutes: Number(minutes),
      litres: Number(gallons) * LITRES_PER_GALLON,
      flow: Number(gallonsPerMinute) * LITRES_PER_GALLON,
    }
  })

/** Days that were recorded from morning to night: at least forty uses. */
const WHOLE_DAY = 40
const perDay = Map.groupBy(uses, ({ day }) => day)
const wholeDays = [...perDay.values()].filter(({ length }) => length >= WHOLE_DAY).length

const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))]!
function logSpread(values: readonly number[]): number {
  const logs = values.map(Math.log)
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length
  return Math.sqrt(logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / logs.length)
}

console.log(`${uses.length} uses on ${perDay.size} days, ${wholeDays} of them whole\n`)
console.log(
  '| use | events | a whole day | litres: median (10–90 %) | spread | l/min: median (10–90 %) | spread | l/h | minutes |',
)
console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- |')
for (const [label, of] of Map.groupBy(uses, (use) => use.label)) {
  const [litres, flow, minutes] = [of.map((u) => u.litres), of.map((u) => u.flow), of.map((u) => u.minutes)]
  const row = (values: readonly number[]): string =>
    `${quantile(values, 0.5).toFixed(2)} (${quantile(values, 0.1).toFixed(2)}–${quantile(values, 0.9).toFixed(2)})`
  const cells = [
    label,
    of.length,
    (of.length / wholeDays).toFixed(2),
    row(litres),
    logSpread(litres).toFixed(2),
    row(flow),
    logSpread(flow).toFixed(2),
    Math.round(quantile(flow, 0.5) * MINUTES_PER_HOUR),
    row(minutes),
  ]
  console.log(`| ${cells.join(' | ')} |`)
}
console.log('\nStarts by local hour, 0 to 23')
for (const [label, of] of Map.groupBy(uses, (use) => use.label))
  console.log(
    `${label}: ${Array.from({ length: 24 }, (_, hour) => of.filter((use) => use.hour === hour).length).join(' ')}`,
  )
