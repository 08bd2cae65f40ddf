import type { WorldUpload } from '../worlds/network-uploads.ts'
import type { GatewayPost } from './gateway-post.ts'
import { type WorldClock, worldClock } from './world-clock.ts'

/** Publishes what the meters of a world send: first what is past as fast as the broker takes it, then by the world's clock. */

interface Play {
  /** In the order of arrival, a batch a day. */
  readonly batches: Iterable<readonly WorldUpload[]>
  readonly registered: ReadonlyMap<string, { readonly id: string; readonly gateway: string }>
  readonly post: Pick<GatewayPost, 'send' | 'settled'>
  /** What arrives until then has been acknowledged in an earlier run. */
  readonly sentThrough: number
  /** What arrives before goes out at once, what comes later at `speed`. */
  readonly liveFrom: number
  /** World seconds a second; Infinity: at once, until now. */
  readonly speed: number
  readonly stop: AbortSignal
  /** Everything that arrives until then has been acknowledged. */
  onProgress(worldTime: number): void
  /** The first upload of the live part is next; from now on the world has a clock. */
  onLive(clock: WorldClock): void
  /** The world has caught up with our clock. @returns whether to go on */
  onPresent(): boolean
}

/** Uploads sent between two looks at what has been acknowledged. */
const GROUP = 5000

/** Resolves when the world ends, when it is told to stop, or when it has caught up and nobody wants more. */
export async function play(world: Play): Promise<void> {
  const { post, registered, stop } = world
  let clock: WorldClock | undefined
  let caughtUp = false
  const send = async (group: readonly WorldUpload[]): Promise<void> => {
    for (const { deviceId, payload } of group) {
      const { id, gateway } = registered.get(deviceId)!
      await post.send(gateway, id, payload)
      if (stop.aborted) return
    }
    // The day before is stored before the next one is sent, whatever gateway is behind: the world arrives in its order.
    await Promise.race([post.settled(), aborted(stop)])
    if (!stop.aborted) world.onProgress(group.at(-1)!.arrivesAt)
  }
  for (const batch of world.batches) {
    const due = batch.filter(({ arrivesAt }) => arrivesAt > world.sentThrough)
    for (let next = 0; next < due.length && !stop.aborted; ) {
      const first = due[next]!.arrivesAt
      if (first >= world.liveFrom && clock === undefined) {
        clock = worldClock(world.liveFrom, world.speed)
        world.onLive(clock)
      }
      while (clock !== undefined && first > clock.now() && !stop.aborted) {
        if (clock.isPresent() && !caughtUp) {
          caughtUp = true
          if (!world.onPresent()) return
        }
        await clock.towards(first, stop)
      }
      if (stop.aborted) return
      const until = clock?.now() ?? world.liveFrom - 1
      const group: WorldUpload[] = []
      while (next < due.length && group.length < GROUP && due[next]!.arrivesAt <= until) group.push(due[next++]!)
      await send(group)
    }
    if (stop.aborted) return
    // A day of hydraulics is computed in one go: what waits for its answer is heard before.
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const aborted = (stop: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (stop.aborted) resolve()
    else stop.addEventListener('abort', () => resolve(), { once: true })
  })
