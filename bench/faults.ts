import { parseArgs } from 'node:util'
import { BAD_CLIENTS } from './faults/bad-clients.ts'
import { CALL_ORDER } from './faults/call-order-fault.ts'
import { CERTIFICATE } from './faults/certificate.ts'
import { CLOCKS } from './faults/clocks.ts'
import { CRASHES } from './faults/crash-fault.ts'
import { DAMAGED_FILES } from './faults/damaged-files.ts'
import { DISK_FULL } from './faults/disk-full.ts'
import { DISORDER } from './faults/disorder.ts'
import { DISPATCHER_PATH } from './faults/dispatcher-path.ts'
import type { Fault, FaultContext, FaultOutcome } from './faults/fault.ts'
import { INFLUX } from './faults/influx.ts'
import { LOSSY_NETWORK } from './faults/lossy-network.ts'
import { OTHER_BENCHES } from './faults/other-benches.ts'
import { POISON } from './faults/poison.ts'
import { STOPPED_ROLES } from './faults/stopped-role.ts'

/** The list of docs/reliability.md, every fault injected for real. One line each: what was acknowledged, stored, lost. */
const FAULTS: readonly Fault[] = [
  ...CRASHES,
  CALL_ORDER,
  DISK_FULL,
  ...INFLUX,
  ...CLOCKS,
  DISORDER,
  BAD_CLIENTS,
  LOSSY_NETWORK,
  ...STOPPED_ROLES,
  POISON,
  ...DAMAGED_FILES,
  CERTIFICATE,
  DISPATCHER_PATH,
  ...OTHER_BENCHES,
].toSorted((a, b) => a.number - b.number)

const SECONDS = { full: 5, quick: 2 } as const
const OUTAGE_SECONDS = { full: 60, quick: 6 } as const

const HELP = `npm run bench -- faults [--only name,…] [--seconds N] [--quick] [--seed 1] [--list] [--json]

Injects every fault of the list into the real roles under load. Exit code 1 when a promise was broken: an acknowledged
reading that is not stored, an alarm raised twice or not at all, a role that did not survive.
  --only     these faults only; "influx" is every fault whose name begins with "influx."
  --seconds  how long each fault lasts (${SECONDS.full}), and how long the load of the InfluxDB outage (${OUTAGE_SECONDS.full})
  --quick    short faults, and the quicker ones only: within two minutes
  --list     what there is
A fault that cannot be injected on this machine is skipped, and said so.`

export async function run(argv: readonly string[]): Promise<number> {
  const { values: flags } = parseArgs({
    args: [...argv],
    options: {
      only: { type: 'string' },
      seconds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      list: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (flags.help) {
    process.stdout.write(`${HELP}\n`)
    return 0
  }
  if (flags.list) {
    for (const { name, number, about } of FAULTS)
      process.stdout.write(`${String(number).padStart(2)}  ${name.padEnd(22)} ${about}\n`)
    return 0
  }
  const pace = flags.quick ? 'quick' : 'full'
  const seconds = flags.seconds === undefined ? undefined : Number(flags.seconds)
  const seed = Number(flags.seed)
  const wanted = flags.only?.split(',')
  const isWanted = ({ name }: Fault): boolean =>
    wanted === undefined || wanted.some((each) => name === each || name.startsWith(`${each}.`))
  const unknown = wanted?.filter((each) => !FAULTS.some(({ name }) => name === each || name.startsWith(`${each}.`)))
  if (!Number.isInteger(seed) || (seconds !== undefined && !(seconds > 0)) || (unknown?.length ?? 0) > 0) {
    for (const each of unknown ?? [])
      process.stderr.write(`There is no fault "${each}"; --list tells which there are.\n`)
    process.stderr.write(`${HELP}\n`)
    return 2
  }
  const context: FaultContext = {
    seconds: seconds ?? SECONDS[pace],
    outageSeconds: seconds ?? OUTAGE_SECONDS[pace],
    quick: flags.quick,
    seed,
    say: (line) => process.stderr.write(`  ${line}\n`),
  }
  const began = performance.now()
  const lines: Line[] = []
  // Who asks for a fault by name gets it, however long it takes.
  const isLeftOut = (fault: Fault): boolean => flags.quick && wanted === undefined && fault.leftOutOfQuick === true
  for (const fault of FAULTS.filter((each) => isWanted(each) && !isLeftOut(each))) {
    process.stderr.write(`${fault.name}: ${fault.about}\n`)
    const line = await outcome(fault, context)
    lines.push(line)
    process.stdout.write(flags.json ? `${JSON.stringify(line)}\n` : row(line))
  }
  const leftOut = FAULTS.filter(isLeftOut).map(({ name }) => name)
  const summary = { ...summaryOf(lines, performance.now() - began), ...(leftOut.length === 0 ? {} : { leftOut }) }
  process.stdout.write(flags.json ? `${JSON.stringify(summary)}\n` : sentence(summary))
  return summary.broken.length === 0 ? 0 : 1
}

/** One line of `--json`. */
interface Line extends FaultOutcome {
  readonly fault: string
  /** How long it took. */
  readonly seconds?: number
  /** Why it could not be injected here. */
  readonly skipped?: string
}

async function outcome(fault: Fault, context: FaultContext): Promise<Line> {
  const began = performance.now()
  const nothing = { acked: 0, stored: 0, lost: 0, duplicateAlarms: 0, recoverySeconds: null, broken: [] }
  const missing = await fault.missing?.()
  if (missing !== undefined) return { fault: fault.name, injected: 'nothing', ...nothing, skipped: `needs ${missing}` }
  try {
    const result = await fault.run(context)
    return { fault: fault.name, ...result, seconds: round((performance.now() - began) / 1000) }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { fault: fault.name, injected: fault.about, ...nothing, broken: [`not survived: ${why}`] }
  }
}

function summaryOf(lines: readonly Line[], ms: number) {
  const sum = (key: 'acked' | 'stored' | 'lost' | 'duplicateAlarms'): number =>
    lines.reduce((all, line) => all + line[key], 0)
  return {
    summary: true,
    faults: lines.filter(({ skipped }) => skipped === undefined).length,
    acked: sum('acked'),
    stored: sum('stored'),
    lost: sum('lost'),
    duplicateAlarms: sum('duplicateAlarms'),
    broken: lines.flatMap(({ fault, broken }) => broken.map((promise) => `${fault}: ${promise}`)),
    skipped: lines.flatMap(({ fault, skipped }) => (skipped === undefined ? [] : [`${fault}: ${skipped}`])),
    seconds: round(ms / 1000),
  }
}

function row({
  fault,
  injected,
  acked,
  stored,
  lost,
  duplicateAlarms,
  recoverySeconds,
  broken,
  skipped,
}: Line): string {
  if (skipped !== undefined) return `${fault.padEnd(22)} skipped: ${skipped}\n`
  const verdict = broken.length === 0 ? 'kept' : 'BROKEN'
  const recovery = recoverySeconds === null ? '' : `  back after ${recoverySeconds} s`
  const figures = `${acked} acked  ${stored} stored  ${lost} lost  ${duplicateAlarms} twice${recovery}`
  const details = broken.map((promise) => `${''.padEnd(29)} ✗ ${promise}\n`).join('')
  return `${fault.padEnd(22)} ${verdict.padEnd(6)} ${figures}\n${''.padEnd(29)} ${injected}\n${details}`
}

function sentence({ faults, lost, duplicateAlarms, broken, skipped, seconds }: ReturnType<typeof summaryOf>): string {
  const verdict = broken.length === 0 ? 'every promise kept' : `${broken.length} promises broken`
  const left = skipped.length === 0 ? '' : `, ${skipped.length} skipped`
  return `${faults} faults in ${seconds} s${left}: ${lost} lost, ${duplicateAlarms} alarms twice, ${verdict}\n`
}

const round = (value: number): number => Math.round(value * 100) / 100
