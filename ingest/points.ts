import type { AnnouncedDevice } from '../contract/readings.ts'
import type { Reason } from '../contract/reasons.ts'
import type { RegisteredDevice } from '../store/state/registry-port.ts'
import type { Draft } from './draft.ts'

/** GB 50116-2013 §3.1.5: a controller has at most 3,200 points; a transmission device may stand for several small ones. */
export const MAX_POINTS = 4000
/**
 * GB 25201-2010 §7.1: every detector is tested once a year. A point says nothing while all is well, since its panel watches
 * it; one that has not been heard for longer was not even tested.
 */
const POINT_RHYTHM_S = 366 * 24 * 3600

/** A point of a panel: the device it is, or why the panel must speak for it. */
export type Point = { readonly device: RegisteredDevice } | { readonly reason: Reason; readonly detail: string }

/**
 * The device that a panel names. One that nobody has registered is registered now: a fire of a point that nobody entered
 * must not be lost. What a person has entered of it stays.
 */
export function pointOf(draft: Draft, panel: RegisteredDevice, announced: AnnouncedDevice): Point {
  const { id, name, provisionalName } = announced
  const known = draft.device(id)
  if (known !== undefined) {
    if (!mayBePoint(panel, known))
      return { reason: 'gateway.not-your-child', detail: `${id} is registered under another gateway` }
    if (known.name !== provisionalName || name === provisionalName) return { device: known }
    return { device: draft.discover({ ...known, name }, provisionalName) }
  }
  if (panel.kind !== 'fire-panel' && panel.kind !== 'gateway')
    return { reason: 'gateway.not-your-child', detail: `${id} is not registered, and ${panel.kind} has no points` }
  if (draft.children(panel.id) >= MAX_POINTS)
    return { reason: 'panel.too-many-points', detail: `${id} would be more than ${MAX_POINTS} points` }
  return { device: draft.discover(discovered(panel, announced), provisionalName) }
}

/** Its id begins with the panel's own: also one that a person has entered without saying under which panel. */
export const mayBePoint = (panel: Pick<RegisteredDevice, 'id'>, { gatewayId }: Pick<RegisteredDevice, 'gatewayId'>) =>
  gatewayId === panel.id || gatewayId === null

const discovered = (panel: RegisteredDevice, { id, kind, name, model }: AnnouncedDevice): RegisteredDevice => ({
  id,
  kind,
  name,
  model,
  placeId: panel.placeId,
  gatewayId: panel.id,
  // Where no place says where it is, it is where its panel is.
  lon: panel.placeId === null ? panel.lon : null,
  lat: panel.placeId === null ? panel.lat : null,
  disabled: false,
  rhythmS: POINT_RHYTHM_S,
  identity: 'secret',
  secretHash: new Uint8Array(),
  generation: 1,
  gbAddress: null,
  gbFrom: [],
  denied: false,
  revision: 0,
})
