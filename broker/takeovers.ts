import { TokenBucket } from './limits.ts'

const SECONDS_PER_MINUTE = 60
/**
 * A connection that has said nothing for so long may always be taken over: on a bad link the old one is dead, and the
 * device that comes anew is the same. So no device is ever kept out by its own past for longer than this. Ms.
 */
const SILENT_MS = 5000

/**
 * Two clients with the same identity throw each other out, again and again (MQTT-3.1.4-2): a copied secret, a program
 * started twice. Each round costs a CONNECT, two records and a device's readings on their way. Beyond so many a minute the
 * one who is connected and speaks stays, and the newcomer is refused and reported.
 */
export class Takeovers {
  private readonly perMinute: number
  private readonly buckets = new Map<string, TokenBucket>()

  /** @param perMinute 0: no limit */
  constructor(perMinute: number) {
    this.perMinute = perMinute
  }

  /** Whether the connection of this device, which last spoke `silentMs` ago, may be taken over now. */
  allows(deviceId: string, silentMs: number, now: number): boolean {
    if (this.perMinute === 0 || silentMs >= SILENT_MS) return true
    let bucket = this.buckets.get(deviceId)
    if (bucket === undefined) {
      bucket = new TokenBucket({ rate: this.perMinute / SECONDS_PER_MINUTE, burst: this.perMinute }, now)
      this.buckets.set(deviceId, bucket)
    }
    return bucket.take(now)
  }

  sweep(now: number): void {
    for (const [id, bucket] of this.buckets) if (bucket.isFull(now)) this.buckets.delete(id)
  }
}
