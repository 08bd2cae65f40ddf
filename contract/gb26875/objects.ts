import { byte, CLOCK_BYTES, clock, countedText, type Field, fixedText, signedWord, word } from './fields.ts'
import type { FrameTime } from './frame.ts'

/**
 * The application data of GB/T 26875.3-2011 §8: type, count, information objects. Reading keeps every byte, reserved bits,
 * padding and what stands behind the objects included, so that writing gives back what was read, also of frames that
 * nobody has seen before.
 */

/** §8.2.1.2: the text that names a component. Bytes. */
export const COMPONENT_TEXT_BYTES = 31

const system = { systemType: byte, systemAddress: byte }
/** §8.2.1.2: the component address is two words, zone and point. */
const address = { zone: word, point: word }
const component = { ...system, componentType: byte, ...address }
const version = { main: byte, minor: byte }
const text = fixedText(COMPONENT_TEXT_BYTES)
/** One byte that the standard reserves: an object may not be empty. */
const reserved = { reserved: byte }

interface Layout {
  /** Table 3. */
  readonly type: number
  readonly fields: Readonly<Record<string, Field<unknown>>>
  /** A time tag of six bytes follows each object ("+6"). */
  readonly tagged: boolean
}
const tagged = { tagged: true } as const
const untagged = { tagged: false } as const

/** In the order of the fields on the wire. */
const LAYOUTS = {
  // from the transmission device
  systemState: { type: 1, ...tagged, fields: { ...system, state: word } },
  componentState: { type: 2, ...tagged, fields: { ...component, state: word, text } },
  analogue: { type: 3, ...tagged, fields: { ...component, analogueType: byte, value: signedWord } },
  systemOperation: { type: 4, ...tagged, fields: { ...system, operation: byte, operator: byte } },
  systemVersion: { type: 5, ...untagged, fields: { ...system, ...version } },
  systemConfiguration: { type: 6, ...untagged, fields: { ...system, text: countedText } },
  componentConfiguration: { type: 7, ...untagged, fields: { ...component, text } },
  systemTime: { type: 8, ...untagged, fields: { ...system, clock } },
  deviceState: { type: 21, ...tagged, fields: { state: byte } },
  deviceOperation: { type: 24, ...tagged, fields: { operation: byte, operator: byte } },
  deviceVersion: { type: 25, ...untagged, fields: version },
  deviceConfiguration: { type: 26, ...untagged, fields: { text: countedText } },
  deviceTime: { type: 28, ...untagged, fields: { clock } },
  // from the centre
  readSystemState: { type: 61, ...untagged, fields: system },
  readComponentState: { type: 62, ...untagged, fields: { ...system, ...address } },
  readAnalogue: { type: 63, ...untagged, fields: { ...system, ...address } },
  readSystemOperations: { type: 64, ...untagged, fields: { ...system, records: byte, from: clock } },
  readSystemVersion: { type: 65, ...untagged, fields: system },
  readSystemConfiguration: { type: 66, ...untagged, fields: system },
  readComponentConfiguration: { type: 67, ...untagged, fields: { ...system, ...address } },
  readSystemTime: { type: 68, ...untagged, fields: system },
  readDeviceState: { type: 81, ...untagged, fields: reserved },
  readDeviceOperations: { type: 84, ...untagged, fields: { records: byte, from: clock } },
  readDeviceVersion: { type: 85, ...untagged, fields: reserved },
  readDeviceConfiguration: { type: 86, ...untagged, fields: reserved },
  readDeviceTime: { type: 88, ...untagged, fields: reserved },
  initialiseDevice: { type: 89, ...untagged, fields: reserved },
  setDeviceTime: { type: 90, ...untagged, fields: { clock } },
  /** 查岗: how many minutes the control room has to answer. */
  dutyCheck: { type: 91, ...untagged, fields: { minutes: byte } },
} as const satisfies Record<string, Layout>

export type ObjectName = keyof typeof LAYOUTS

type FieldsOf<N extends ObjectName> = (typeof LAYOUTS)[N]['fields']
type ValueOf<F> = F extends Field<infer V> ? V : never
/** One information object. `time` is its time tag, where the bytes have one. */
export type ObjectOf<N extends ObjectName> = { readonly [K in keyof FieldsOf<N>]: ValueOf<FieldsOf<N>[K]> } & {
  readonly time?: FrameTime
}

interface Envelope {
  readonly type: number
  /** How many objects the bytes claim; `objects` are those that were found. */
  readonly count: number
  /** What stands behind the last whole object. */
  readonly rest: Uint8Array
}
type Known = {
  [N in ObjectName]: Envelope & { readonly name: N; readonly objects: readonly ObjectOf<N>[] }
}[ObjectName]
/** A type that the standard reserves or leaves to makers: everything is in `rest`. */
type Unknown = Envelope & { readonly name: 'unknown'; readonly objects: readonly [] }
/** A heartbeat or an acknowledgement has no application data; fewer than two bytes are none. */
type None = Omit<Envelope, 'type' | 'count'> & { readonly name: 'none'; readonly objects: readonly [] }
export type ApplicationData = Known | Unknown | None

const NAME_OF: ReadonlyMap<number, ObjectName> = new Map(
  (Object.keys(LAYOUTS) as ObjectName[]).map((name) => [LAYOUTS[name].type, name]),
)
/** Type and count. */
const HEAD_BYTES = 2

export const objectType = (name: ObjectName): number => LAYOUTS[name].type

/** Never throws: what cannot be understood is in `rest`. */
export function decodeObjects(data: Uint8Array): ApplicationData {
  const [type, count] = data
  // A copy: what is read stays what it was, whatever becomes of the buffer that the frame came in.
  const body = Uint8Array.from(data.subarray(HEAD_BYTES))
  if (type === undefined || count === undefined) return { name: 'none', objects: [], rest: Uint8Array.from(data) }
  const name = NAME_OF.get(type)
  if (name === undefined) return { name: 'unknown', type, count, objects: [], rest: body }
  const { objects, end } = readAll(LAYOUTS[name], count, body)
  return { name, type, count, objects, rest: body.subarray(end) } as unknown as ApplicationData
}

/**
 * The bytes of application data.
 * @throws RangeError when a value does not fit its field
 */
export function encodeObjects(data: ApplicationData): Uint8Array {
  if (data.name === 'none') return data.rest.slice()
  const parts: Uint8Array[] = [byte.write(data.type), byte.write(data.count)]
  if (data.name !== 'unknown') {
    const fields = Object.entries(LAYOUTS[data.name].fields as Layout['fields'])
    for (const object of data.objects as readonly Readonly<Record<string, unknown>>[]) {
      for (const [field, codec] of fields) parts.push(codec.write(object[field]))
      if (object.time !== undefined) parts.push(clock.write(object.time as FrameTime))
    }
  }
  parts.push(data.rest)
  return joined(parts)
}

/** Application data with these objects, as a device or a centre composes it. */
export const applicationData = <N extends ObjectName>(name: N, objects: readonly ObjectOf<N>[]): ApplicationData =>
  ({
    name,
    type: LAYOUTS[name].type,
    count: objects.length,
    objects,
    rest: new Uint8Array(),
  }) as unknown as ApplicationData

/**
 * The fields that are whole of an object that is cut off: of a component whose text is shorter than the standard says, its
 * state can be read all the same.
 */
export function readTorn<N extends ObjectName>(name: N, bytes: Uint8Array): Partial<ObjectOf<N>> {
  const read: Record<string, unknown> = {}
  let at = 0
  for (const [field, codec] of Object.entries(LAYOUTS[name].fields as Layout['fields'])) {
    const next = at + codec.size(bytes, at)
    if (next > bytes.length) break
    read[field] = codec.read(bytes, at)
    at = next
  }
  return read as Partial<ObjectOf<N>>
}

interface Found {
  readonly objects: readonly Readonly<Record<string, unknown>>[]
  readonly end: number
}

/**
 * The count says how many there are. Where it does not fit the length, makers who leave the time tag out, or add one where
 * there is none, are understood when that makes the length fit exactly; and a count that is wrong costs no object where the
 * length is that of whole ones.
 */
function readAll(layout: Layout, count: number, body: Uint8Array): Found {
  const standard = readObjects(layout, layout.tagged, count, body)
  const fits = ({ objects, end }: Found): boolean => objects.length === count && end === body.length
  if (fits(standard)) return standard
  const variant = readObjects(layout, !layout.tagged, count, body)
  if (count > 0 && fits(variant)) return variant
  const byLength = readObjects(layout, layout.tagged, Number.POSITIVE_INFINITY, body)
  return byLength.end === body.length ? byLength : standard
}

function readObjects(layout: Layout, withTag: boolean, most: number, body: Uint8Array): Found {
  const fields = Object.entries(layout.fields)
  const objects: Readonly<Record<string, unknown>>[] = []
  let end = 0
  while (objects.length < most && end < body.length) {
    const object: Record<string, unknown> = {}
    let at = end
    for (const [field, codec] of fields) {
      const next = at + codec.size(body, at)
      if (next > body.length) return { objects, end }
      object[field] = codec.read(body, at)
      at = next
    }
    if (withTag) {
      if (at + CLOCK_BYTES > body.length) return { objects, end }
      object.time = clock.read(body, at)
      at += CLOCK_BYTES
    }
    objects.push(object)
    end = at
  }
  return { objects, end }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
