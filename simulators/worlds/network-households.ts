import { mix, poisson, type Random, seeded, weighted } from '../random.ts'
import { END_USE_FACTS, END_USES } from './household.ts'

/** Hourly water of many households at once: the same end uses as `household.ts`, added up by the hour instead of played. */
const HOURS = 24
/** Share of households by persons (1…5), as in `household.ts`. */
const HOUSEHOLD_SIZES = [18, 34, 24, 16, 8]
const PERCENT = 100

interface HourFacts {
  /** Uses of a person in this hour of the day. */
  readonly uses: number
  /** Mean litres of one. */
  readonly litres: number
}

const HOUR_FACTS: readonly HourFacts[] = Array.from({ length: HOURS }, (_, hour) => {
  let [uses, litres] = [0, 0]
  for (const use of END_USES) {
    const { perPersonAndDay, hours, medianLitres, logSpread } = END_USE_FACTS[use]
    const count = (perPersonAndDay * hours[hour]!) / PERCENT
    uses += count
    litres += count * medianLitres * Math.exp(logSpread ** 2 / 2)
  }
  return { uses, litres: uses === 0 ? 0 : litres / uses }
})

export const personsOf = (seed: number, household: number): number =>
  1 + weighted(seeded(mix(seed, household, 1)), HOUSEHOLD_SIZES)

/** Whole litres of each hour of one day. */
export function dayOfHousehold(seed: number, household: number, persons: number, day: number): number[] {
  const random: Random = seeded(mix(seed, household, 2, day))
  return HOUR_FACTS.map(({ uses, litres }) => {
    let sum = 0
    for (let count = poisson(random, uses * persons); count > 0; count--) sum -= litres * Math.log(1 - random())
    return Math.round(sum)
  })
}

/** One household more for whom the demand of the file is least satisfied: households lie as the demand does. */
export function spreadHouseholds(demands: readonly number[], households: number): number[] {
  const all = demands.reduce((sum, demand) => sum + demand, 0)
  const homes: number[] = []
  let [cumulative, placed] = [0, 0]
  for (const [place, demand] of demands.entries()) {
    cumulative += demand
    for (const until = Math.round((households * cumulative) / all); placed < until; placed++) homes.push(place)
  }
  return homes
}
