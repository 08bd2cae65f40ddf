import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  causesTable,
  mustHoldTable,
  pairsTable,
  peopleSentence,
  quietSentence,
  robustnessTables,
  rulesTable,
} from './fire-tables.ts'
import { judgeBoth } from './fire-verdict.ts'
import { HOUSEHOLD_DOCS, householdFigures } from './household-tables.ts'
import { judgeHousehold } from './household-verdict.ts'
import { zoneTables } from './zone-docs.ts'

const DOCS = resolve(import.meta.dirname, '../../docs/detection.md')

/** Writes the figures between `<!-- name -->` and `<!-- /name -->` of docs/detection.md anew; the words stay. */
export async function writeDocs(): Promise<number> {
  const judged = judgeBoth({ data: resolve('../shared/data/fire'), seed: 1, years: 1000, json: false })
  const household = await judgeHousehold(HOUSEHOLD_DOCS)
  const figures: Readonly<Record<string, string>> = {
    ...householdFigures(household),
    'must-hold': mustHoldTable(judged),
    rules: rulesTable(judged),
    pairs: pairsTable(judged),
    robustness: robustnessTables(judged),
    causes: causesTable(judged),
    people: peopleSentence(judged),
    quiet: quietSentence(judged),
    'water-zones': await zoneTables(),
  }
  let text = readFileSync(DOCS, 'utf8')
  for (const [name, figure] of Object.entries(figures)) {
    const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
    const [from, to] = [text.indexOf(open), text.indexOf(close)]
    if (from < 0 || to < from) {
      console.error(`docs/detection.md has no place for "${name}".`)
      return 1
    }
    text = `${text.slice(0, from + open.length)}\n${figure}\n${text.slice(to)}`
  }
  writeFileSync(DOCS, text)
  console.log(mustHoldTable(judged))
  return judged.ok && household.ok ? 0 : 1
}
