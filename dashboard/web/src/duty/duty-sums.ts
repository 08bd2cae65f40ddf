import type { DutyCheck } from '../../../../contract/incidents.ts'
import { dutyState } from '../homes/concerns.ts'

/** What a number of duty checks says together. Pure. */
export interface DutySums {
  readonly asked: number
  /** In time. */
  readonly answered: number
  readonly late: number
  readonly unanswered: number
  /** From the question to the answer, ms; null: nobody has answered. */
  readonly medianMs: number | null
}

/** Of those that are over: one whose time still runs says nothing yet. */
export function sumsOf(checks: readonly DutyCheck[], now: number): DutySums {
  const states = checks.map((check) => dutyState(check, now))
  const count = (wanted: (typeof states)[number]): number => states.filter((state) => state === wanted).length
  const took = checks
    .flatMap(({ askedAt, answeredAt }) => (answeredAt === null ? [] : [answeredAt - askedAt]))
    .sort((a, b) => a - b)
  return {
    asked: checks.length - count('running'),
    answered: count('answered'),
    late: count('late'),
    unanswered: count('unanswered'),
    medianMs: took[Math.floor(took.length / 2)] ?? null,
  }
}
