import type { Complaint } from '../../contract/readings.ts'
import type { Reason } from '../../contract/reasons.ts'

/** Of one message, so that a hostile payload does not become a novel. Characters. */
const MAX_DETAIL = 300

/** Gathers what is wrong with the readings of one message: one complaint per reason, with its count and first examples. */
export class Complaints {
  private readonly byReason = new Map<Reason, { detail: string; count: number }>()

  add(reason: Reason, detail: string, count = 1): void {
    const known = this.byReason.get(reason)
    if (known === undefined) this.byReason.set(reason, { detail: detail.slice(0, MAX_DETAIL), count })
    else {
      known.count += count
      if (known.detail.length + detail.length < MAX_DETAIL && !known.detail.includes(detail))
        known.detail += `; ${detail}`
    }
  }

  get size(): number {
    return this.byReason.size
  }

  list(): Complaint[] {
    return Array.from(this.byReason, ([reason, { detail, count }]) =>
      count === 1 ? { reason, detail } : { reason, detail: `${detail} (${count} readings)`, count },
    )
  }
}
