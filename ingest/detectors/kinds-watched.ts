import { KIND_NAMES, KINDS, type Kind, type KindFacts } from '../../contract/kinds.ts'

const ofGroup = (...groups: readonly KindFacts['group'][]): readonly Kind[] =>
  KIND_NAMES.filter((kind) => groups.includes(KINDS[kind].group))

/** A device may have exactly one detector that takes its `alarm: true` as its own; every other kind's is `detectorAlarm`. */
export const SMOKE_KINDS: ReadonlySet<Kind> = new Set(['smoke-detector'])
export const HEAT_KINDS: ReadonlySet<Kind> = new Set(['heat-detector'])
export const CO_KINDS: ReadonlySet<Kind> = new Set(['co-detector'])
export const GAS_KINDS: ReadonlySet<Kind> = new Set(['gas-detector'])
export const ELECTRICAL_KINDS: ReadonlySet<Kind> = new Set(['electrical-fire'])
export const CALL_POINT_KINDS: ReadonlySet<Kind> = new Set(['call-point'])
export const PANIC_KINDS: ReadonlySet<Kind> = new Set(['panic-button'])

const WITH_OWN_TYPE = [SMOKE_KINDS, HEAT_KINDS, CO_KINDS, GAS_KINDS, ELECTRICAL_KINDS, CALL_POINT_KINDS, PANIC_KINDS]
export const OTHER_KINDS: ReadonlySet<Kind> = new Set(
  KIND_NAMES.filter((kind) => !WITH_OWN_TYPE.some((kinds) => kinds.has(kind))),
)

/** Whose `pressed` is a call point's; a panic button's is its own type. */
export const PRESSED_AS_CALL_POINT: ReadonlySet<Kind> = new Set(KIND_NAMES.filter((kind) => !PANIC_KINDS.has(kind)))

/** Whose `temperature` is that of a room: fire and care devices, but no cable (electrical) and no water (fire-water). */
export const ROOM_KINDS: ReadonlySet<Kind> = new Set(
  ofGroup('fire', 'care').filter((kind) => kind !== 'electrical-fire' && kind !== 'fire-water'),
)
/** Whose `temperature` is that of the water in the pipe. */
export const WATER_KINDS: ReadonlySet<Kind> = new Set<Kind>([...ofGroup('water'), 'fire-water'])

/** Meters of one household; the sum of a village never stands still. */
export const HOUSEHOLD_METERS: ReadonlySet<Kind> = new Set(['water-meter'])
export const METERS: ReadonlySet<Kind> = new Set(['water-meter', 'bulk-meter'])
