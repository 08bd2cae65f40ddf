import type { OwnUse } from '../contract/alone.ts'
import type { RegisteredDevice } from '../store/state/registry-port.ts'
import type { WatchState } from './detectors/rule.ts'
import type { DeviceState } from './device-state.ts'

/**
 * Since when somebody who was away draws water again as they do at home (ms); undefined: nobody is away, or still is. It
 * is no alarm, so no finding: said again with every upload until the absence has ended in the registry.
 */
export function homecomingOf(
  { alone }: Pick<RegisteredDevice, 'alone'>,
  { detectors }: DeviceState,
): number | undefined {
  if (alone === undefined || alone.away === null) return undefined
  const { memory } = (detectors.noUse ?? {}) as WatchState<OwnUse>
  const backAt = memory?.backAt
  return backAt !== undefined && backAt > alone.away.from ? backAt : undefined
}
