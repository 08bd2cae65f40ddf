import { measuredBy } from '../../contract/gb26875/analogues.ts'
import { componentKind } from '../../contract/gb26875/components.ts'
import { BadFrame, command, decodeFrame, type FrameTime, type Gb26875Frame } from '../../contract/gb26875/frame.ts'
import { frameTimeText, momentOf } from '../../contract/gb26875/frame-time.ts'
import { type ApplicationData, decodeObjects, type ObjectOf, readTorn } from '../../contract/gb26875/objects.ts'
import { COMPONENT_STATE, OPERATIONS, SYSTEM_STATE, setBits } from '../../contract/gb26875/states.ts'
import { readText } from '../../contract/gb26875/text.ts'
import type { DecodedMessage, Evidence } from '../../contract/readings.ts'
import { announcedComponent, announcedSystem, componentWords, evidenceOf, systemWords } from './gb26875/naming.ts'
import { PanelMessage } from './gb26875/panel-message.ts'
import { componentReadings, deviceReadings, operationReadings, systemReadings } from './gb26875/states.ts'

/**
 * GB/T 26875.3-2011: one frame of a fire panel's transmission device → readings of the panel, its systems and its points.
 * @param panelId the device that sent the frame: the transmission device
 */
export function decodeGb26875(bytes: Uint8Array, panelId: string, arrivedAt: number): DecodedMessage {
  const message = new PanelMessage(panelId, arrivedAt)
  try {
    readFrame(message, decodeFrame(bytes))
  } catch (error) {
    if (!(error instanceof BadFrame)) throw error
    message.complain('raw.bad-frame', error.message)
  }
  return message.finish()
}

/** Table 2: commands and types from here on are a maker's own. */
const FIRST_OWN = 128
/** Table 3: 128–254. */
const LAST_OWN_TYPE = 254

function readFrame(message: PanelMessage, frame: Gb26875Frame): void {
  // An answer repeats the centre's time tag.
  if (frame.command === command.send)
    message.attribute(message.panelId, 'panelClock', aheadOf(frame.time, message.arrivedAt))
  // The answer to something that the centre asked: a sign of life.
  if (frame.command === command.acknowledge || frame.command === command.deny) return
  if (frame.command >= FIRST_OWN) {
    message.complain('raw.own-type', `command ${frame.command}`)
    return
  }
  const data = decodeObjects(frame.data)
  readObjects(message, data)
  judgeWhole(message, data)
}

function readObjects(message: PanelMessage, data: ApplicationData): void {
  const { panelId } = message
  switch (data.name) {
    case 'systemState':
      for (const object of data.objects) readSystemState(message, object)
      return
    case 'componentState':
      for (const object of data.objects) readComponentState(message, object)
      return
    case 'analogue':
      for (const object of data.objects) readAnalogue(message, object)
      return
    case 'systemOperation':
      for (const object of data.objects) readSystemOperation(message, object)
      return
    case 'systemVersion':
      for (const object of data.objects)
        message.attribute(
          message.announce(announcedSystem(panelId, object)),
          'softwareVersion',
          `${object.main}.${object.minor}`,
        )
      return
    case 'systemConfiguration':
      for (const object of data.objects)
        message.attribute(message.announce(announcedSystem(panelId, object)), 'configuration', readText(object.text))
      return
    case 'componentConfiguration':
      for (const object of data.objects)
        message.attribute(
          message.announce(announcedComponent(panelId, object, object.text)),
          'configuration',
          readText(object.text),
        )
      return
    case 'systemTime':
      for (const object of data.objects)
        message.attribute(message.announce(announcedSystem(panelId, object)), 'clock', frameTimeText(object.clock))
      return
    case 'deviceState':
      for (const { state } of data.objects) message.read(panelId, deviceReadings(state), DEVICE_EVIDENCE)
      return
    case 'deviceOperation':
      for (const object of data.objects) readOperation(message, undefined, object, DEVICE_EVIDENCE)
      return
    case 'deviceVersion':
      for (const { main, minor } of data.objects) message.attribute(panelId, 'softwareVersion', `${main}.${minor}`)
      return
    case 'deviceConfiguration':
      for (const { text } of data.objects) message.attribute(panelId, 'configuration', readText(text))
      return
    case 'deviceTime':
      for (const { clock } of data.objects) message.attribute(panelId, 'clock', frameTimeText(clock))
      return
    default:
    // What only a centre sends, and what nobody knows, is judged as a whole.
  }
}

const DEVICE_EVIDENCE: Evidence = { en: 'said by the transmission device itself', zh: '用户信息传输装置自身上报' }

function readSystemState(message: PanelMessage, object: ObjectOf<'systemState'>): void {
  const id = message.announce(announcedSystem(message.panelId, object))
  const bits = setBits(SYSTEM_STATE, object.state)
  message.read(id, systemReadings(object.state), evidenceOf(systemWords(object), object.time, bits))
  if (bits.includes('reset')) message.operate(['reset'], id, undefined)
}

function readComponentState(message: PanelMessage, object: ObjectOf<'componentState'>): void {
  const { componentType, systemType, state, text, time } = object
  const id = message.announce(announcedComponent(message.panelId, object, text))
  const readings = componentReadings(componentType, componentKind(componentType, systemType), state)
  message.read(id, readings, evidenceOf(componentWords(object, text), time, setBits(COMPONENT_STATE, state)))
}

function readAnalogue(message: PanelMessage, object: ObjectOf<'analogue'>): void {
  const id = message.announce(announcedComponent(message.panelId, object))
  const measured = measuredBy(object.analogueType, object.componentType, object.value)
  if (measured.reading === undefined) message.attribute(id, measured.en, `${measured.value} ${measured.unit}`.trim())
  else message.read(id, [measured.reading], componentWords(object))
}

function readSystemOperation(message: PanelMessage, object: ObjectOf<'systemOperation'>): void {
  const id = message.announce(announcedSystem(message.panelId, object))
  readOperation(message, id, object, systemWords(object))
}

function readOperation(
  message: PanelMessage,
  system: string | undefined,
  { operation, operator, time }: ObjectOf<'deviceOperation'>,
  where: Evidence,
): void {
  const device = system ?? message.panelId
  const operations = setBits(OPERATIONS, operation)
  const by = { en: `${where.en}; operator ${operator}`, zh: `${where.zh};操作员${operator}` }
  message.read(device, operationReadings(operations), evidenceOf(by, time, ['normal']))
  message.operate(operations, system, operator)
  if (operations.length === 0) return
  message.attribute(device, 'lastOperation', operations.map((name) => OPERATIONS[name].en).join(', '))
  message.attribute(device, 'lastOperator', operator)
}

/** What was announced and is not there; an object that is cut off is read as far as it goes, since it may be a fire. */
function judgeWhole(message: PanelMessage, data: ApplicationData): void {
  if (data.name === 'none') {
    if (data.rest.length > 0) message.complain('raw.cut-off', 'application data of one byte')
    return
  }
  if (data.name === 'unknown') {
    const own = data.type >= FIRST_OWN && data.type <= LAST_OWN_TYPE
    message.complain(own ? 'raw.own-type' : 'raw.unknown-type', `type ${data.type}, ${data.rest.length} bytes of data`)
    return
  }
  if (data.type >= FIRST_OF_CENTRE) {
    message.complain('raw.unknown-type', `type ${data.type} is what a centre sends, not a device`)
    return
  }
  const found = data.objects.length
  if (found === data.count && data.rest.length === 0) return
  const detail = `type ${data.type} announces ${data.count} objects; the bytes hold ${found}, and ${data.rest.length} bytes more`
  if (found >= data.count) {
    message.complain('raw.wrong-count', detail)
    return
  }
  message.complain('raw.cut-off', detail)
  readCutOff(message, data.name, data.rest)
}

/** Table 3: from here on types are asked for by the centre. */
const FIRST_OF_CENTRE = 61

function readCutOff(message: PanelMessage, name: ApplicationData['name'], rest: Uint8Array): void {
  if (name === 'componentState') {
    const object = { text: new Uint8Array(), ...readTorn(name, rest) }
    if (isWhole(object, 'systemType', 'systemAddress', 'componentType', 'zone', 'point', 'state', 'text'))
      readComponentState(message, object)
  } else if (name === 'systemState') {
    const object = readTorn(name, rest)
    if (isWhole(object, 'systemType', 'systemAddress', 'state')) readSystemState(message, object)
  } else if (name === 'deviceState') {
    const { state } = readTorn(name, rest)
    if (state !== undefined) message.read(message.panelId, deviceReadings(state), DEVICE_EVIDENCE)
  } else if (name === 'systemOperation') {
    const object = readTorn(name, rest)
    if (isWhole(object, 'systemType', 'systemAddress', 'operation', 'operator')) readSystemOperation(message, object)
  } else if (name === 'deviceOperation') {
    const object = readTorn(name, rest)
    if (isWhole(object, 'operation', 'operator')) readOperation(message, undefined, object, DEVICE_EVIDENCE)
  }
}

const isWhole = <T extends object, K extends keyof T>(
  object: T,
  ...fields: readonly K[]
): object is T & { [F in K]-?: Exclude<T[F], undefined> } => fields.every((field) => object[field] !== undefined)

/** How far a panel's clock is ahead of ours, whole seconds; `unset` where it shows no date. */
function aheadOf(clock: FrameTime, arrivedAt: number): number | 'unset' {
  const at = momentOf(clock)
  return at === undefined ? 'unset' : Math.round((at - arrivedAt) / MS)
}
const MS = 1000
