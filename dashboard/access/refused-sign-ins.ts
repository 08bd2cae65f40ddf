import type { AuditEntry } from '../../store/state/accounts-port.ts'

/** Refused sign-ins that are written one by one in each window; the rest of the window is one entry with their number. */
const WRITTEN_PER_WINDOW = 30
const WINDOW_MS = 10 * 60_000

/**
 * What the audit says of refused sign-ins: who, from where, as far as it is bounded. Whoever tries ten thousand passwords
 * leaves thirty entries and a number, not a full disk.
 */
export class RefusedSignIns {
  private windowStart = 0
  private written = 0
  private unwritten = 0

  /** @param name of a person there is; '' for any other, because people type their password into the wrong field */
  refused(name: string, address: string, at: number): readonly AuditEntry[] {
    const entries = [...this.summary(at)]
    if (this.written >= WRITTEN_PER_WINDOW) this.unwritten += 1
    else {
      this.written += 1
      entries.push(entry(at, name, { address }))
    }
    return entries
  }

  /** What is left to write of a window that is over. */
  summary(at: number): readonly AuditEntry[] {
    // Either way: a clock that was set back must not stop the writing.
    if (Math.abs(at - this.windowStart) < WINDOW_MS) return []
    const more = this.unwritten
    const since = this.windowStart
    this.windowStart = at
    this.written = 0
    this.unwritten = 0
    return more === 0 ? [] : [entry(at, '', { more, since })]
  }
}

const entry = (at: number, target: string, detail: object): AuditEntry => ({
  at,
  actor: '',
  action: 'session.refused',
  target,
  detail: JSON.stringify(detail),
})
