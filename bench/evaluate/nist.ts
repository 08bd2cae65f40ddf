import { mustHoldTable, pairsTable, robustnessTables, rulesTable } from './fire-tables.ts'
import { judgeBoth, readFireOptions } from './fire-verdict.ts'

/** Real fires, with what the same rule costs in nuisances beside them. */
export async function run(args: readonly string[]): Promise<number> {
  const options = readFireOptions('nist', args)
  if (typeof options === 'number') return options
  const judged = judgeBoth(options)
  const { fires, nuisances, mustHold, ok } = judged
  if (options.json) {
    const { causes: _, ...year } = nuisances
    console.log(JSON.stringify({ world: 'nist', ok, mustHold, chosen: 'chosen', ...fires, nuisance: year }, null, 2))
  } else
    for (const text of [mustHoldTable(judged), rulesTable(judged), pairsTable(judged), robustnessTables(judged)])
      console.log(`${text}\n`)
  return ok ? 0 : 1
}
