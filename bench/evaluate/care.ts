import { parseArgs } from 'node:util'
import { careCostSentence, careMustHoldTable, careTable } from './care-tables.ts'
import { type CareOptions, judgeCare } from './care-verdict.ts'

const FLAGS = `  --json         one JSON object
  --seed N       of the first world; seeds below 1000 are for work (default: 1000)
  --size N       homes of one old person each, in each world (default: 300); --homes N is the same
  --days N       (default: 90)
  --worlds N     worlds of seeds one after the other (default: 3)`

/** Old people who live alone: illness, falls with the tap open, visits, absences with and without a word. */
export async function run(args: readonly string[]): Promise<number> {
  const options = read(args)
  if (typeof options === 'number') return options
  const verdict = judgeCare(options)
  if (options.json) console.log(JSON.stringify({ world: 'care', ...verdict }, null, 2))
  else
    for (const text of [careMustHoldTable(verdict), careTable(verdict), careCostSentence(verdict)])
      console.log(`${text}\n`)
  return verdict.ok ? 0 : 1
}

function read(args: readonly string[]): (CareOptions & { readonly json: boolean }) | number {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        seed: { type: 'string', default: '1000' },
        size: { type: 'string' },
        homes: { type: 'string', default: '300' },
        days: { type: 'string', default: '90' },
        worlds: { type: 'string', default: '3' },
      },
    })
    if (values.help) {
      console.log(`npm run evaluate -- care [flags]\n${FLAGS}`)
      return 0
    }
    const [seed, homes, days, worlds] = [values.seed, values.size ?? values.homes, values.days, values.worlds].map(
      Number,
    )
    const whole = [seed, homes, days, worlds].every((n) => Number.isInteger(n))
    if (!whole || homes! < 1 || days! < 21 || worlds! < 1)
      throw new Error('--seed, --size, --days (21 or more) and --worlds take whole numbers.')
    return { json: values.json, seed: seed!, homes: homes!, days: days!, worlds: worlds! }
  } catch (error) {
    console.error(`${(error as Error).message}\n${FLAGS}`)
    return 2
  }
}
