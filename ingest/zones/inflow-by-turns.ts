import type { InflowFinding, InflowState } from './inflow-watch.ts'
import { judgeNight, type NightLossState } from './night-loss.ts'

/** An inflow that a pump turns on and off, to fill a tank: no hour of it is like that of another week. */

const DAY_H = 24
const WEEK_H = 168

/**
 * A pump that is on or off: on L-Town 92–97 % of its hours, a quarter of them off. No hour of seven real districts is off, and
 * an estate at rest by night is not at its full flow by day.
 */
const BY_TURNS = { off: 0.05, full: 0.9, atFull: 0.1, leastOff: 0.1, share: 0.8 }

export function isByTurns(past: InflowState['past']): boolean {
  const known = past.slice(-2 * WEEK_H).filter((m3h) => m3h !== null)
  if (known.length < WEEK_H) return false
  const full = known.toSorted((a, b) => a - b)[Math.floor(known.length * BY_TURNS.full)]!
  const off = known.filter((m3h) => m3h < BY_TURNS.off * full).length / known.length
  const on = known.filter((m3h) => Math.abs(m3h - full) < BY_TURNS.atFull * full).length / known.length
  return full > 0 && off >= BY_TURNS.leastOff && off + on >= BY_TURNS.share
}

/** Behind a tank: the day's volume, as a night's loss is judged. Days that are not known altogether are passed over. */
export function wholeDay(state: InflowState, days: NightLossState, hour: number): InflowFinding | undefined {
  const day = state.past.slice(-DAY_H)
  if (day.length < DAY_H || day.includes(null)) return undefined
  const mean = day.reduce<number>((sum, m3h) => sum + (m3h ?? 0), 0) / DAY_H
  const today = Math.floor(hour / DAY_H)
  const before = state.leaking
  const found = judgeNight(days, { day: today, lossM3h: mean, inflowM3h: mean })
  state.leaking = days.open?.m3h ?? 0
  const since = hour - DAY_H + 1 - (today - (found ?? days.open ?? { since: today }).since) * DAY_H
  const facts = { at: hour, since, m3h: state.leaking, newM3h: state.leaking - before }
  if (found?.type === 'over') {
    state.open = undefined
    return { ...facts, type: 'over' }
  }
  if (found !== undefined) {
    state.open = { since: state.open?.since ?? since, told: hour, newM3h: facts.newM3h }
    return { ...facts, type: 'growth' }
  }
  if (state.leaking === before) return undefined
  return { ...facts, type: state.leaking < before ? 'less' : 'grown' }
}
