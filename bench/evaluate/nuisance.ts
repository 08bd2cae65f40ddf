import { causesTable, mustHoldTable, peopleSentence, quietSentence, rulesTable } from './fire-tables.ts'
import { judgeBoth, readFireOptions } from './fire-verdict.ts'

/** A year without a fire, with what the same rule finds in real fires beside it. */
export async function run(args: readonly string[]): Promise<number> {
  const options = readFireOptions('nuisance', args)
  if (typeof options === 'number') return options
  const judged = judgeBoth(options)
  const { fires, nuisances, quiet, mustHold, ok } = judged
  if (options.json)
    console.log(
      JSON.stringify(
        { world: 'nuisance', ok, mustHold, chosen: 'chosen', ...nuisances, quiet, nist: fires.rules },
        null,
        2,
      ),
    )
  else
    for (const text of [
      mustHoldTable(judged),
      rulesTable(judged),
      causesTable(judged),
      peopleSentence(judged),
      quietSentence(judged),
    ])
      console.log(`${text}\n`)
  return ok ? 0 : 1
}
