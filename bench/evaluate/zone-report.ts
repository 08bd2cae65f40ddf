import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

/** One row of what a world must hold. */
export interface Requirement {
  readonly what: string
  readonly is: string
  /** 95 % bootstrap interval, as text; empty: one record, nothing to draw from. */
  readonly interval: string
  readonly mustBe: string
  /** undefined: a control row, or a figure without a limit. */
  readonly holds: boolean | undefined
}

export interface WorldReport {
  readonly world: string
  readonly seed: number
  readonly rows: readonly Requirement[]
  readonly notes: readonly string[]
  readonly detail: unknown
}

export interface WorldOptions {
  readonly seed: number
  readonly size: number
  readonly json: boolean
  readonly data: string
}

/** Flags of a world; an exit code where they were not understood, help was asked for, or the data is not there. */
export function readWorldOptions(
  world: string,
  args: readonly string[],
  { size, sizeIs, needs }: { readonly size: number; readonly sizeIs: string; readonly needs: readonly string[] },
): WorldOptions | number {
  const flags = `  --seed N    (default: 1)\n  --size N    ${sizeIs} (default: ${size})\n  --data DIR  (default: ../shared/data)\n  --json      one JSON object`
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        data: { type: 'string', default: '../shared/data' },
        seed: { type: 'string', default: '1' },
        size: { type: 'string', default: String(size) },
      },
    })
    if (values.help) {
      console.log(`npm run evaluate -- ${world} [flags]\n${flags}`)
      return 0
    }
    const [seed, much] = [Number(values.seed), Number(values.size)]
    if (!Number.isInteger(seed) || !Number.isInteger(much) || much < 1)
      throw new Error('--seed takes a whole number, --size a whole number above 0')
    const data = resolve(values.data)
    const missing = needs.find((file) => !existsSync(resolve(data, file)))
    if (missing !== undefined) throw new Error(`${world}: skipped, there is no ${missing} in ${data}.`)
    return { seed, size: much, json: values.json, data }
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${flags}`)
    return 2
  }
}

/** Prints a world and gives its exit code. */
export function printReport(report: WorldReport, json: boolean): number {
  const ok = report.rows.every(({ holds }) => holds !== false)
  if (json) console.log(JSON.stringify({ ...report, ok }, null, 2))
  else console.log(reportText(report))
  return ok ? 0 : 1
}

export function reportText({ rows, notes, seed, world }: WorldReport): string {
  const lines = [
    `| ${world}, seed ${seed} | is | 95 % interval | must be |  |`,
    '| --- | --- | --- | --- | --- |',
    ...rows.map(
      ({ what, is, interval, mustBe, holds }) =>
        `| ${what} | ${is} | ${interval} | ${mustBe} | ${holds === undefined ? '' : holds ? 'holds' : 'falls short'} |`,
    ),
  ]
  return [...lines, '', ...notes].join('\n')
}

/** A figure in at most `digits` decimals; what was never reached is said so, and what nothing was there to tell. */
export const figure = (value: number, digits = 1): string =>
  Number.isNaN(value) ? '–' : Number.isFinite(value) ? String(Math.round(value * 10 ** digits) / 10 ** digits) : 'never'

export const between = ([low, high]: readonly [number, number], digits = 1): string =>
  `${figure(low, digits)}–${figure(high, digits)}`

/** A row that nothing must hold: a control, or a figure to know. */
export const control = (what: string, is: string): Requirement => ({
  what,
  is,
  interval: '',
  mustBe: '',
  holds: undefined,
})

/** Tells on standard error how far a world has come and the processor time it has taken; call it after each part. */
export function progress(world: string, parts: number): () => void {
  const before = process.cpuUsage()
  let done = 0
  return () => {
    done++
    const { user, system } = process.cpuUsage(before)
    console.error(`${world}: ${done} of ${parts}, ${((user + system) / 1e6).toFixed(1)} CPU s`)
  }
}
