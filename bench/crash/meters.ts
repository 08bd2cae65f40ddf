import { setTimeout as sleep } from 'node:timers/promises'
import { between } from '../random.ts'
import { payloadOf, type Said } from './payloads.ts'
import type { Publisher } from './publisher.ts'

/** Quarter-hours from here on: room for 480,000 readings of a meter before they reach the present. */
const FIRST_AT = Date.UTC(2012, 0, 1)
const STEP_MS = 900_000
/** m³ a reading: 0.4 l/h, below every limit of leak detection, and no two readings of a meter are the same. */
const PER_READING = 0.0001
const DECIMALS = 4
const MAX_READINGS = 24
/** One of so many readings in a series is missing. */
const GAP_ONE_IN = 12
/** Milliseconds between two messages of a publisher. */
const PAUSE_MS = 40

/** A meter that counts up; every reading follows from its number, so that the truth needs no memory. */
export class Meter {
  readonly id: string
  private readonly base: number
  /** Readings that were acknowledged: 0 … count − 1. */
  count = 0
  private readonly gaps = new Set<number>()

  constructor(id: string, index: number) {
    this.id = id
    this.base = index * 1000
  }

  at(n: number): number {
    return FIRST_AT + n * STEP_MS
  }

  volume(n: number): number {
    return Number((this.base + n * PER_READING).toFixed(DECIMALS))
  }

  /** What it says next. Call `acknowledge` with it once it was. */
  next(random: () => number): Said {
    const length = between(random, 1, MAX_READINGS)
    const values = Array.from({ length }, (_, i) => {
      const isEdge = i === 0 || i === length - 1
      return !isEdge && random() * GAP_ONE_IN < 1 ? null : { volume: this.volume(this.count + i) }
    })
    return { from: this.at(this.count), stepMs: STEP_MS, values }
  }

  acknowledge(said: Said): void {
    for (const [i, values] of said.values.entries()) if (values === null) this.gaps.add(this.count + i)
    this.count += said.values.length
  }

  /** Every acknowledged reading. */
  *truth(): Generator<{ readonly at: number; readonly quantity: 'volume'; readonly value: number }> {
    for (let n = 0; n < this.count; n++)
      if (!this.gaps.has(n)) yield { at: this.at(n), quantity: 'volume', value: this.volume(n) }
  }
}

/** Lets meters speak until `until` fires: one on its own topic, several through the gateway that they hang on. */
export async function speak(
  publisher: Publisher,
  meters: readonly Meter[],
  isGateway: boolean,
  random: () => number,
  until: AbortSignal,
): Promise<number> {
  let messages = 0
  while (!until.aborted) {
    const said = meters.map((meter) => [meter, meter.next(random)] as const)
    const topic = isGateway ? 'v1/gateway/telemetry' : 'v1/devices/me/telemetry'
    await publisher.publish(topic, () => {
      const payloads = said.map(([meter, each]) => [meter.id, payloadOf(each, random)] as const)
      return JSON.stringify(isGateway ? Object.fromEntries(payloads) : payloads[0]?.[1])
    })
    for (const [meter, each] of said) meter.acknowledge(each)
    messages++
    await sleep(PAUSE_MS * random())
  }
  return messages
}
