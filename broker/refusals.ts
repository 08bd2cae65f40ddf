import { REASONS, type Reason } from '../contract/reasons.ts'
import { isDeviceId } from '../contract/topics.ts'
import type { Refusal } from '../store/journal/port.ts'

/** Different (reason, device) pairs that are kept apart between two flushes; what is beyond is counted without a device. */
const MAX_PAIRS = 512
/**
 * Different device ids that are named in an hour. A stranger can invent as many ids as he likes, and each would become a
 * row that a person has to look past; beyond the bound only the reason is counted.
 */
const MAX_NAMES = 1000
const NAMES_RENEWED_MS = 3_600_000
/** A person reads this in a table. Characters. */
const MAX_DETAIL = 200

interface Pair {
  readonly reason: Reason
  readonly deviceId: string
  detail: string
  count: number
}

/**
 * What the broker turned away, summed up per reason and device so that a flood of refusals becomes one journal record a
 * second. Memory is bounded whatever strangers send.
 */
export class Refusals {
  private pairs = new Map<string, Pair>()
  private names = new Set<string>()
  private namesSince = 0
  /** Since the start, for /metrics. */
  readonly totals = new Map<Reason, number>()
  private readonly isConnected: (deviceId: string) => boolean

  /**
   * @param isConnected whether a device of that id has proved who it is: it keeps its name whatever strangers invent, or
   *   they could hide which registered device is being refused
   */
  constructor(isConnected: (deviceId: string) => boolean = () => false) {
    this.isConnected = isConnected
  }

  /** @param deviceId as the client gave it; counted under '' when it cannot be a device id */
  count(reason: Reason, deviceId: string, detail: string, times = 1): void {
    this.totals.set(reason, (this.totals.get(reason) ?? 0) + times)
    let id = isDeviceId(deviceId) ? deviceId : ''
    const connected = id !== '' && this.isConnected(id)
    if (id !== '' && !connected && !this.names.has(id)) {
      if (this.names.size < MAX_NAMES) this.names.add(id)
      else id = ''
    }
    let key = `${reason} ${id}`
    let pair = this.pairs.get(key)
    if (pair === undefined && !connected && this.pairs.size >= MAX_PAIRS) {
      id = ''
      key = `${reason} `
      pair = this.pairs.get(key)
    }
    if (pair === undefined) {
      this.pairs.set(key, { reason, deviceId: id, detail: detail.slice(0, MAX_DETAIL), count: times })
      return
    }
    pair.count += times
    pair.detail = detail.slice(0, MAX_DETAIL)
  }

  /** Takes out what has come together. @param now ms, of any clock that does not run backwards */
  take(now: number): Refusal[] {
    if (now - this.namesSince >= NAMES_RENEWED_MS) {
      this.names = new Set()
      this.namesSince = now
    }
    const taken = [...this.pairs.values()]
    this.pairs = new Map()
    return taken
  }

  /** Puts back what could not be stored, to be tried again with the next flush. Totals are not counted twice. */
  putBack(refusal: Refusal): void {
    const key = `${refusal.reason} ${refusal.deviceId}`
    const pair = this.pairs.get(key)
    if (pair !== undefined) pair.count += refusal.count
    else if (this.pairs.size < MAX_PAIRS + Object.keys(REASONS).length)
      this.pairs.set(key, { ...refusal, reason: refusal.reason as Reason })
  }
}
