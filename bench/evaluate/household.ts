import { parseArgs } from 'node:util'
import {
  householdCostSentence,
  householdFalseTable,
  householdMustHoldTable,
  householdRecallTable,
} from './household-tables.ts'
import { type HouseholdOptions, judgeHousehold } from './household-verdict.ts'

const FLAGS = `  --json         one JSON object
  --seed N       of the world; seeds below 1000 are for work (default: 1000)
  --size N       meters (default: 1000); --meters N is the same
  --days N       (default: 60)
  --hourly       every meter reads once an hour; else a third of them every quarter
  --threads N    (default: 2)`

/** A fleet of household meters with leaks, bursts, reverse flow, tampering and stuck registers among ordinary life. */
export async function run(args: readonly string[]): Promise<number> {
  const options = read(args)
  if (typeof options === 'number') return options
  const verdict = await judgeHousehold(options)
  if (options.json) console.log(JSON.stringify({ world: 'household', ...verdict }, null, 2))
  else
    for (const text of [
      householdMustHoldTable(verdict),
      householdRecallTable(verdict),
      householdFalseTable(verdict),
      householdCostSentence(verdict),
    ])
      console.log(`${text}\n`)
  return verdict.ok ? 0 : 1
}

function read(args: readonly string[]): (HouseholdOptions & { readonly json: boolean }) | number {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        hourly: { type: 'boolean', default: false },
        seed: { type: 'string', default: '1000' },
        size: { type: 'string' },
        meters: { type: 'string', default: '1000' },
        days: { type: 'string', default: '60' },
        threads: { type: 'string', default: '2' },
      },
    })
    if (values.help) {
      console.log(`npm run evaluate -- household [flags]\n${FLAGS}`)
      return 0
    }
    const [seed, meters, days, threads] = [values.seed, values.size ?? values.meters, values.days, values.threads].map(
      Number,
    )
    const whole = [seed, meters, days, threads].every((n) => Number.isInteger(n))
    if (!whole || meters! < 1 || days! < 10 || threads! < 1)
      throw new Error('--seed, --size, --days (10 or more) and --threads take whole numbers.')
    return {
      json: values.json,
      hourly: values.hourly,
      seed: seed!,
      meters: meters!,
      days: days!,
      threads: Math.min(threads!, meters!),
    }
  } catch (error) {
    console.error(`${(error as Error).message}\n${FLAGS}`)
    return 2
  }
}
