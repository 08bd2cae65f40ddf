import { bitsOf, RUN_ITEMS, rateOf } from './recurring-runs.ts'

/**
 * The straight flows that this home has always had: a tank on the roof that fills again, a cistern that tops itself up. By rate,
 * in classes of a tenth: class, evidence (bits, halved every three weeks), class, evidence …
 */
const HABIT_ITEMS = 2
/** Two neighbouring classes are 10 % apart. */
const CLASS_WIDTH = Math.log(1.1)
/** Classes that are remembered: the weightiest. */
const CLASSES = 8
const DAY_MS = 86_400_000
/** ms. What it did fades: to a third in a month. */
const FADES_MS = 30 * DAY_MS
/** ms. Shorter than a week is no past. */
const SHORTEST_MS = 7 * DAY_MS
/** bits that are not worth a place. */
const LEAST = 1
const TENTHS = 10

const classOf = (rate: number): number => Math.round(Math.log(rate) / CLASS_WIDTH)

/** Learns runs that no upload can change any more. `learntAt`: when that was done last, ms. */
export function learn(habit: number[], learntAt: number, runs: readonly number[], at: number): void {
  if (runs.length === 0) return
  const kept = Number.isNaN(learntAt) ? 1 : Math.exp((learntAt - at) / FADES_MS)
  for (let i = 1; i < habit.length; i += HABIT_ITEMS) habit[i] = Math.round(habit[i]! * kept * TENTHS) / TENTHS
  for (let i = 0; i < runs.length; i += RUN_ITEMS) {
    const own = classOf(rateOf(runs, i))
    let place = 0
    while (place < habit.length && habit[place] !== own) place += HABIT_ITEMS
    if (place === habit.length) habit.push(own, 0)
    habit[place + 1] = Math.round((habit[place + 1]! + bitsOf(runs, i)) * TENTHS) / TENTHS
  }
  for (let i = habit.length - HABIT_ITEMS; i >= 0; i -= HABIT_ITEMS)
    if (habit[i + 1]! < LEAST) habit.splice(i, HABIT_ITEMS)
  while (habit.length > CLASSES * HABIT_ITEMS) {
    let least = 0
    for (let i = HABIT_ITEMS; i < habit.length; i += HABIT_ITEMS) if (habit[i + 1]! < habit[least + 1]!) least = i
    habit.splice(least, HABIT_ITEMS)
  }
}

/** Evidence in bits that flows of this rate make in `spanMs` in this home's ordinary life. `knownMs`: how long it is known. */
export function usualBits(
  habit: readonly number[],
  learntAt: number,
  at: number,
  knownMs: number,
  rate: number,
  spanMs: number,
): number {
  const own = classOf(rate)
  let bits = 0
  for (let i = 0; i < habit.length; i += HABIT_ITEMS) if (Math.abs(habit[i]! - own) <= 1) bits += habit[i + 1]!
  if (bits === 0) return 0
  const faded = bits * Math.exp((learntAt - at) / FADES_MS)
  const weighed = FADES_MS * (1 - Math.exp(-Math.max(SHORTEST_MS, knownMs) / FADES_MS))
  return (faded * spanMs) / weighed
}
