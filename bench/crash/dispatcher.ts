import { setTimeout as sleep } from 'node:timers/promises'
import type { Alarm, AlarmState } from '../../contract/alarms.ts'
import type { Views } from '../../store/state/views-port.ts'
import type { Dispatcher } from './fire.ts'

const TAIL_MS = 20
const PAGE = 1000
/** Between two tries while the dashboard is down. */
const RETRY_MS = 200
const REQUEST_TIMEOUT_MS = 5000

/** Follows the decided events, and acknowledges over HTTP until it has been decided, whatever is down meanwhile. */
export class PatientDispatcher implements Dispatcher {
  private readonly views: Pick<Views, 'eventsAfter'>
  private readonly httpUrl: string
  private readonly token: string
  private readonly signal: AbortSignal
  private readonly newest = new Map<string, Alarm>()
  private seq = 0
  /** Every alarm raised: when its fire began (ms since 1970), and how long after that it was decided. Milliseconds. */
  readonly raised: { readonly from: number; readonly ms: number }[] = []

  constructor(views: Pick<Views, 'eventsAfter'>, httpUrl: string, token: string, signal: AbortSignal) {
    this.views = views
    this.httpUrl = httpUrl
    this.token = token
    this.signal = signal
  }

  /** Ends when the signal fires. */
  async follow(): Promise<void> {
    while (!this.signal.aborted) {
      const events = await this.views.eventsAfter(this.seq, PAGE)
      for (const event of events) {
        this.seq = event.seq
        if ('alarm' in event && event.alarm.deviceId !== null) this.newest.set(event.alarm.deviceId, event.alarm)
        if (event.type === 'alarm.raised')
          this.raised.push({ from: event.alarm.raisedAt, ms: event.at - event.alarm.raisedAt })
      }
      if (events.length < PAGE) await sleep(TAIL_MS)
    }
  }

  async seen(deviceId: string, from: number, state: AlarmState): Promise<void> {
    while (!this.is(deviceId, from, state)) {
      this.signal.throwIfAborted()
      await sleep(TAIL_MS)
    }
  }

  async acknowledge(deviceId: string, from: number): Promise<void> {
    while (!this.is(deviceId, from, 'CLEARED_ACK')) {
      this.signal.throwIfAborted()
      const alarm = this.newest.get(deviceId)
      const done = alarm !== undefined && (await this.post(alarm.id))
      // A command that is stored is decided sooner or later; a second one would be refused.
      await sleep(done ? TAIL_MS : RETRY_MS)
    }
  }

  private is(deviceId: string, from: number, state: AlarmState): boolean {
    const alarm = this.newest.get(deviceId)
    return alarm !== undefined && alarm.raisedAt >= from && alarm.state === state
  }

  private async post(alarmId: string): Promise<boolean> {
    try {
      const answer = await fetch(`${this.httpUrl}/api/alarms/${alarmId}/acknowledge`, {
        method: 'POST',
        headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
        body: '{"comment":""}',
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      })
      return answer.ok
    } catch {
      return false
    }
  }
}
