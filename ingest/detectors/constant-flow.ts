import type { UseDay } from '../../contract/alone.ts'
import { cityDayOf } from '../../contract/city-time.ts'
import { HOUR_MS, type UseDraft } from './own-use.ts'

/**
 * Water that never stops (a cistern that runs on, a tap that drips) draws its register as a straight line, by day and by
 * night alike. How far a register is from every straight line is what somebody drew, whatever the flow and the dial.
 */
export interface Course {
  /** Its first register: index into `points`. */
  readonly first: number
  readonly hours: number
  readonly litres: number
  /** The longest time between two of its registers, h. */
  readonly hole: number
  /** The longest time in which the dial did not move, h. */
  readonly longestStill: number
}

/** From the last register that is not later than `from` to the newest; undefined where none is so old. */
export function courseSince({ points, lastAt, lastLitres }: UseDraft, from: number): Course | undefined {
  let first = -1
  for (let i = 0; i < points.length && points[i]! <= from; i += 2) first = i
  if (first < 0) return undefined
  let [holeMs, stillMs, movedAt] = [0, 0, points[first]!]
  for (let i = first + 2; i <= points.length; i += 2) {
    const [at, register] = i < points.length ? [points[i]!, points[i + 1]!] : [lastAt, lastLitres]
    holeMs = Math.max(holeMs, at - points[i - 2]!)
    if (register > points[i - 1]!) movedAt = at
    else stillMs = Math.max(stillMs, at - movedAt)
  }
  return {
    first,
    hours: (lastAt - points[first]!) / HOUR_MS,
    litres: lastLitres - points[first + 1]!,
    hole: holeMs / HOUR_MS,
    longestStill: stillMs / HOUR_MS,
  }
}

/** How far back a flow is asked whether it ever stopped, days: a cistern that began to run since is a new one. */
const ASKED_DAYS = 14

/** The longest time in the two weeks before `at` in which the dial did not move, h. */
export function longestStill(days: readonly UseDay[], at: number): number {
  const today = cityDayOf(at)
  let [longest, run] = [0, 0]
  for (let day = today - ASKED_DAYS; day < today; day++) {
    const hours = days.find((one) => one.day === day)?.hours
    if (hours === undefined) run = 0
    else
      for (const litres of hours) {
        run = litres === 0 ? run + 1 : 0
        if (run > longest) longest = run
      }
  }
  return longest
}

/** The flow is searched to so small a part of what it may be at most. */
const SEARCHED = 1 / 1000
const THIRD = 1 / 3

/**
 * The height of the lowest strip between two parallel lines that holds all registers since `first`, l: a flow that never
 * stops fills less than a step of its dial, whoever draws `n` litres beside it at once makes it `n` higher.
 */
export const stripSince = ({ points, lastAt, lastLitres }: UseDraft, first: number): number =>
  strip([...points.slice(first), lastAt, lastLitres])

/** Whether all that ran in a day is a flow that never stops: nobody lived there. @param beside l that may have been drawn */
export function isFlowOnly({ hours = [], gap = 0 }: UseDay, beside: number): boolean {
  if (gap > 0) return false
  const course = [0, 0]
  let litres = 0
  for (const [hour, drawn] of hours.entries()) {
    litres += drawn ?? 0
    if (drawn !== null) course.push((hour + 1) * HOUR_MS, litres)
  }
  return strip(course) <= beside
}

/** @param course time, register, time, register … */
function strip(course: readonly number[]): number {
  const [beganAt, began] = [course[0]!, course[1]!]
  const hours = (course[course.length - 2]! - beganAt) / HOUR_MS
  if (hours <= 0) return 0
  const heightAt = (litresPerHour: number): number => {
    let [least, most] = [0, 0]
    for (let i = 2; i < course.length; i += 2) {
      const beside = course[i + 1]! - began - (litresPerHour * (course[i]! - beganAt)) / HOUR_MS
      if (beside < least) least = beside
      if (beside > most) most = beside
    }
    return most - least
  }
  // Convex in the flow: a third that cannot hold the least goes at each turn.
  let [low, high] = [0, (2 * (course[course.length - 1]! - began)) / hours]
  const enough = high * SEARCHED
  while (high - low > enough) {
    const third = (high - low) * THIRD
    if (heightAt(low + third) < heightAt(high - third)) high -= third
    else low += third
  }
  return heightAt((low + high) / 2)
}
