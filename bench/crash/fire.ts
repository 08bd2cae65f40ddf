import { setTimeout as sleep } from 'node:timers/promises'
import type { AlarmState } from '../../contract/alarms.ts'
import { between } from '../random.ts'
import { payloadOf, type Said } from './payloads.ts'
import type { Publisher } from './publisher.ts'

/** dB/m: far above and far below every limit of smoke detection, with room for values that never repeat. */
const SMOKE = 5
const CLEAN_AIR = 0.1
const UNIQUE_STEP = 0.0001
const UNIQUE_VALUES = 3000
const MAX_MESSAGES = 4
const PAUSE_MS = 150

/** One fire as the device told it. */
export interface Episode {
  /** Messages that said that it burns: each is counted once. */
  readonly messages: number
  readonly from: number
}

/** A smoke detector that burns again and again, each time after the alarm before it is over and acknowledged. */
export class SmokeDetector {
  readonly id: string
  readonly episodes: Episode[] = []
  private readonly said: { readonly at: number; readonly smoke: number }[] = []
  private lastAt = 0

  constructor(id: string) {
    this.id = id
  }

  /** Says once how it stands. The time is the present, and never twice the same. */
  async say(publisher: Publisher, burning: boolean, random: () => number): Promise<number> {
    const at = Math.max(Date.now(), this.lastAt + 1)
    this.lastAt = at
    const unique = (this.said.length % UNIQUE_VALUES) * UNIQUE_STEP
    const smoke = Number(((burning ? SMOKE : CLEAN_AIR) + unique).toFixed(4))
    const said: Said = { from: at, stepMs: 1000, values: [{ smoke, alarm: burning }] }
    await publisher.publish('v1/devices/me/telemetry', () => JSON.stringify(payloadOf(said, random)))
    this.said.push({ at, smoke })
    return at
  }

  *truth(): Generator<{ readonly at: number; readonly quantity: 'smoke'; readonly value: number }> {
    for (const { at, smoke } of this.said) yield { at, quantity: 'smoke', value: smoke }
  }
}

/** What a detector's alarms must have become before it may burn again. */
export interface Dispatcher {
  /** Resolves when the newest alarm of the device, raised at `from` or later, is in `state`. */
  seen(deviceId: string, from: number, state: AlarmState): Promise<void>
  /** Resolves when the device's alarm is acknowledged and closed. */
  acknowledge(deviceId: string, from: number): Promise<void>
}

/** Lets a detector burn until `until` fires; the last fire is put out, noticed and acknowledged like every other. */
export async function burn(
  publisher: Publisher,
  detector: SmokeDetector,
  dispatcher: Dispatcher,
  random: () => number,
  until: AbortSignal,
): Promise<number> {
  let messages = 0
  const say = async (burning: boolean): Promise<number> => {
    messages++
    return detector.say(publisher, burning, random)
  }
  while (!until.aborted) {
    for (let left = between(random, 0, 2); left > 0; left--) await say(false)
    const fire = between(random, 1, MAX_MESSAGES)
    let from = 0
    for (let i = 0; i < fire; i++) {
      const at = await say(true)
      if (i === 0) from = at
      await sleep(PAUSE_MS * random())
    }
    detector.episodes.push({ messages: fire, from })
    await say(false)
    await dispatcher.seen(detector.id, from, 'CLEARED_UNACK')
    await dispatcher.acknowledge(detector.id, from)
  }
  return messages
}
