import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeFrame, type Gb26875Frame } from '../../contract/gb26875/frame.ts'
import { applicationData, encodeObjects, type ObjectName, type ObjectOf } from '../../contract/gb26875/objects.ts'
import { bitsValue, COMPONENT_STATE, DEVICE_STATE, OPERATIONS, SYSTEM_STATE } from '../../contract/gb26875/states.ts'
import { textField } from '../../contract/gb26875/text.ts'
import { isDeviceId } from '../../contract/topics.ts'
import { decodeGb26875 } from './gb26875.ts'

/** 26 September 2012, 09:58:02 in China. */
const ARRIVED_AT = Date.UTC(2012, 8, 26, 1, 58, 2)
const TIME = { second: 2, minute: 58, hour: 9, day: 26, month: 9, year: 12 }

const frame = (data: Uint8Array, more: Partial<Gb26875Frame> = {}): Uint8Array =>
  encodeFrame({
    command: 2,
    sequence: 1,
    version: { main: 1, user: 2 },
    time: TIME,
    source: 889,
    destination: 88888,
    data,
    ...more,
  })
const decode = (bytes: Uint8Array, panelId = 'p1') => decodeGb26875(bytes, panelId, ARRIVED_AT)
const say = <N extends ObjectName>(name: N, ...objects: readonly ObjectOf<N>[]) =>
  decode(frame(encodeObjects(applicationData(name, objects))))

const component = (more: Partial<ObjectOf<'componentState'>> = {}): ObjectOf<'componentState'> => ({
  systemType: 1,
  systemAddress: 1,
  componentType: 40,
  zone: 10,
  point: 2,
  state: bitsValue(COMPONENT_STATE, ['normal', 'fire']),
  text: textField('三楼东病房', 31),
  time: TIME,
  ...more,
})

/** Device → quantity → value, the last of each. */
const valuesOf = ({ blocks }: ReturnType<typeof decode>): Record<string, Record<string, unknown>> => {
  const values: Record<string, Record<string, unknown>> = {}
  for (const { deviceId, readings } of blocks)
    for (const { quantity, values: column } of readings.fields) {
      const device = values[deviceId] ?? {}
      device[quantity] = column[column.length - 1]
      values[deviceId] = device
    }
  return values
}
const attributesOf = ({ attributes = [] }: ReturnType<typeof decode>): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ deviceId, attributes: facts }) => [deviceId, facts]))

const example = (beginning: string): Uint8Array => {
  const all = JSON.parse(
    readFileSync(new URL('../../../shared/data/frames/gb26875.json', import.meta.url), 'utf8'),
  ) as readonly { readonly name: string; readonly hex: string }[]
  return Buffer.from(all.find(({ name }) => name.startsWith(beginning))?.hex ?? '', 'hex')
}

describe('the examples', () => {
  test('the smoke detector burns although its test bit is clear, and the evidence says so', () => {
    const message = decode(example('smoke detector fire'))
    expect(valuesOf(message)).toEqual({ 'p1.1-1.40.10-2': { alarm: true, flags: [] } })
    expect(message.announced).toEqual([
      {
        id: 'p1.1-1.40.10-2',
        kind: 'smoke-detector',
        name: '感烟火灾探测器 10-2',
        provisionalName: '感烟火灾探测器 10-2',
        model: 'GB/T 26875.3 40',
      },
    ])
    const { evidence } = message.blocks[0] ?? {}
    expect(evidence?.en).toMatch(/Fire alarm system 1, Smoke detector, zone 10 point 2;.*09:58:02.*taken as real/)
    expect(evidence?.zh).toMatch(/火灾报警系统1,感烟火灾探测器,10区2号.*按真实火警处理/)
    expect(message.complaints).toEqual([])
  })

  test('a mains fault is a fault of the transmission device, no fire', () => {
    expect(valuesOf(decode(example('transmission device')))).toEqual({
      p1: { alarm: false, flags: ['fault', 'powerFault'] },
    })
  })

  test('the answer to a duty check is told with its operator', () => {
    const { operations, blocks } = decode(example('duty check reply'))
    expect(operations).toEqual([
      { panelId: 'p1', systemId: undefined, operation: 'confirm', operator: 1, at: ARRIVED_AT },
    ])
    expect(blocks).toEqual([])
  })

  test('what a centre sends says nothing of a device', () => {
    expect(decode(example('centre asks a duty check'))).toMatchObject({
      blocks: [],
      complaints: [{ reason: 'raw.unknown-type' }],
    })
    expect(decode(example('acknowledge'))).toMatchObject({ blocks: [], complaints: [] })
  })
})

describe('points', () => {
  test('a point is named as its panel prints it, and is of the kind that its type says', () => {
    const { announced } = say(
      'componentState',
      component(),
      component({ componentType: 23, point: 3, text: textField('值班室', 31) }),
      component({ componentType: 200, systemType: 12, point: 4 }),
      component({ componentType: 200, point: 5 }),
      component({ componentType: 102, systemType: 19, point: 6 }),
    )
    expect(announced?.map(({ name, kind }) => [name, kind])).toEqual([
      ['三楼东病房', 'smoke-detector'],
      ['值班室', 'call-point'],
      ['三楼东病房', 'fire-water'],
      ['三楼东病房', 'fire-detector'],
      ['三楼东病房', 'door-contact'],
    ])
  })

  test('a call point is pressed, a detector has its alarm, a fire door stands open', () => {
    const started = bitsValue(COMPONENT_STATE, ['normal', 'started'])
    expect(
      valuesOf(
        say('componentState', component({ componentType: 23 }), component({ componentType: 102, state: started })),
      ),
    ).toEqual({
      'p1.1-1.23.10-2': { pressed: true, flags: [] },
      'p1.1-1.102.10-2': { alarm: false, flags: ['started'], open: true },
    })
  })

  test('of two parts at one address the one that is well does not end the other’s fire', () => {
    const well = component({ componentType: 31, state: 1 })
    expect(valuesOf(say('componentState', component(), well))).toMatchObject({
      'p1.1-1.40.10-2': { alarm: true },
      'p1.1-1.31.10-2': { alarm: false },
    })
  })

  test('fire, and its end in the same frame, are both told, in their order', () => {
    const { blocks } = say('componentState', component(), component({ state: 1 }))
    expect(blocks.map(({ readings }) => readings.fields[0]?.values)).toEqual([[true], [false]])
  })

  test('ids fit, also behind the longest id that a panel can have, and stay apart', () => {
    const ids = fc.string({ unit: fc.constantFrom(...'abZ09._-'), minLength: 1, maxLength: 64 }).filter(isDeviceId)
    const word = fc.integer({ min: 0, max: 65535 })
    fc.assert(
      fc.property(ids, word, word, (panelId, zone, point) => {
        const object = component({ systemType: 255, systemAddress: 255, componentType: 255, zone, point })
        const bytes = frame(encodeObjects(applicationData('componentState', [object])))
        const [announced] = decode(bytes, panelId).announced ?? []
        expect(isDeviceId(announced?.id ?? '')).toBe(true)
        expect(announced?.id.endsWith(`.${zone}-${point}`)).toBe(true)
      }),
    )
    const long = 'x'.repeat(64)
    const bytes = frame(encodeObjects(applicationData('componentState', [component()])))
    expect(decode(bytes, long).announced?.[0]?.id).not.toBe(decode(bytes, `${long.slice(1)}y`).announced?.[0]?.id)
  })
})

describe('the panel, its systems and what people do there', () => {
  test('each system stands for itself: one that is well does not end the fire of another', () => {
    const fire = { systemType: 1, systemAddress: 1, state: bitsValue(SYSTEM_STATE, ['normal', 'fire']), time: TIME }
    const well = { ...fire, systemType: 11, state: bitsValue(SYSTEM_STATE, ['normal', 'manual', 'batteryFault']) }
    const message = say('systemState', fire, well)
    expect(valuesOf(message)).toEqual({
      'p1.1-1': { alarm: true, flags: [] },
      'p1.11-1': { alarm: false, flags: ['fault', 'batteryFault', 'manual'] },
    })
    expect(message.announced?.map(({ name, kind }) => [name, kind])).toEqual([
      ['火灾报警系统1', 'fire-panel'],
      ['消火栓系统1', 'fire-panel'],
    ])
  })

  test('a panel that says that it was reset, by bit or by hand, is told as reset', () => {
    const state = { systemType: 1, systemAddress: 1, state: bitsValue(SYSTEM_STATE, ['normal', 'reset']), time: TIME }
    expect(say('systemState', state).operations).toMatchObject([{ operation: 'reset', systemId: 'p1.1-1' }])
    const byHand = { systemType: 1, systemAddress: 1, operation: bitsValue(OPERATIONS, ['reset', 'mute']), operator: 7 }
    const message = say('systemOperation', { ...byHand, time: TIME })
    expect(message.operations).toMatchObject([
      { operation: 'reset', operator: 7 },
      { operation: 'mute', operator: 7 },
    ])
    expect(attributesOf(message)['p1.1-1']).toEqual({ lastOperation: 'reset, mute', lastOperator: 7 })
  })

  test('a manual alarm is a button pressed at the panel until it is reset', () => {
    const pressed = { operation: bitsValue(OPERATIONS, ['manualAlarm']), operator: 3, time: TIME }
    expect(valuesOf(say('deviceOperation', pressed))).toEqual({ p1: { pressed: true } })
    expect(valuesOf(say('deviceOperation', { ...pressed, operation: 1 }))).toEqual({ p1: { pressed: false } })
    expect(valuesOf(say('deviceOperation', { ...pressed, operation: 2 }))).toEqual({})
  })

  test('a fire of the transmission device itself is an alarm of the panel', () => {
    const state = bitsValue(DEVICE_STATE, ['normal', 'fire', 'lineFault'])
    expect(valuesOf(say('deviceState', { state, time: TIME }))).toEqual({
      p1: { alarm: true, flags: ['fault', 'lineFault'] },
    })
  })

  test('versions, configuration and clocks are told as attributes', () => {
    const system = { systemType: 1, systemAddress: 1 }
    expect(attributesOf(say('systemVersion', { ...system, main: 3, minor: 14 }))['p1.1-1']).toEqual({
      softwareVersion: '3.14',
    })
    expect(attributesOf(say('systemConfiguration', { ...system, text: textField('两路电源', 8) }))['p1.1-1']).toEqual({
      configuration: '两路电源',
    })
    expect(attributesOf(say('systemTime', { ...system, clock: TIME }))['p1.1-1']).toEqual({
      clock: '2012-09-26 09:58:02',
    })
    expect(attributesOf(say('deviceVersion', { main: 1, minor: 2 })).p1).toMatchObject({ softwareVersion: '1.2' })
    expect(attributesOf(say('deviceConfiguration', { text: textField('消控室', 6) })).p1).toMatchObject({
      configuration: '消控室',
    })
    expect(attributesOf(say('deviceTime', { clock: TIME })).p1).toMatchObject({ clock: '2012-09-26 09:58:02' })
    const { time: _, state: __, ...described } = component()
    const configured = say('componentConfiguration', described)
    expect(configured.announced).toMatchObject([{ name: '三楼东病房', kind: 'smoke-detector' }])
    expect(configured.blocks).toEqual([])
  })

  test('how wrong its clock is can be seen; what it measures counts from its arrival', () => {
    const state = encodeObjects(applicationData('deviceState', [{ state: 1, time: TIME }]))
    const slow = decode(frame(state, { time: { ...TIME, minute: 57 } }))
    expect(attributesOf(slow).p1).toEqual({ panelClock: -60 })
    expect(slow.blocks[0]?.readings.at).toEqual([ARRIVED_AT])
    for (const wrong of [{ month: 0 }, { day: 31, month: 2 }, { hour: 24 }, { second: 255 }])
      expect(attributesOf(decode(frame(state, { time: { ...TIME, ...wrong } }))).p1).toEqual({ panelClock: 'unset' })
  })

  test('a heartbeat is a sign of life and nothing else', () => {
    expect(decode(frame(new Uint8Array()))).toMatchObject({ blocks: [], complaints: [], announced: [], operations: [] })
  })
})

describe('analogue values', () => {
  const analogue = (analogueType: number, value: number, componentType = 99): ObjectOf<'analogue'> => ({
    systemType: 12,
    systemAddress: 1,
    componentType,
    zone: 1,
    point: 2,
    analogueType,
    value,
    time: TIME,
  })
  test.each([
    ['a height of 3.05 m', 2, 305, 99, { level: 3.05 }],
    ['57.3 °C', 3, 573, 31, { temperature: 57.3 }],
    ['−4.5 °C', 3, -45, 31, { temperature: -4.5 }],
    ['0.7 MPa', 4, 7, 99, { pressure: 700 }],
    ['140.5 kPa', 5, 1405, 99, { pressure: 140.5 }],
    ['25 %LEL', 6, 250, 10, { gas: 25 }],
    ['0.5 A of residual current', 9, 5, 17, { residualCurrent: 500 }],
    ['10 l/s', 10, 100, 96, { flow: 36 }],
  ])('%s', (_, type, value, componentType, expected) => {
    expect(Object.values(valuesOf(say('analogue', analogue(type, value, componentType))))).toEqual([expected])
  })

  test('what has no quantity is kept as an attribute: voltage, a pump’s current, a maker’s own', () => {
    const message = say('analogue', analogue(8, 2203), analogue(9, 350), analogue(200, 7))
    expect(message.blocks).toEqual([])
    expect(attributesOf(message)['p1.12-1.99.1-2']).toEqual({
      Voltage: '220.3 V',
      Current: '35 A',
      'Analogue 200': '7',
    })
  })

  test('an impossible value is complained of, by the point that sent it', () => {
    expect(say('analogue', analogue(3, -2730))).toMatchObject({
      blocks: [],
      complaints: [{ reason: 'value.out-of-bounds', deviceId: 'p1.12-1.99.1-2' }],
    })
  })
})

describe('what is not as the standard says', () => {
  const two = encodeObjects(applicationData('componentState', [component(), component({ point: 3 })]))

  test('a damaged frame says nothing', () => {
    const bytes = frame(two)
    bytes[40] = (bytes[40] ?? 0) ^ 1
    expect(decode(bytes)).toMatchObject({ blocks: [], complaints: [{ reason: 'raw.bad-frame' }] })
  })

  test('an object that is cut off behind its state is a fire all the same, and is complained of', () => {
    const message = decode(frame(two.subarray(0, two.length - 30)))
    expect(Object.keys(valuesOf(message))).toEqual(['p1.1-1.40.10-2', 'p1.1-1.40.10-3'])
    expect(message.complaints).toMatchObject([{ reason: 'raw.cut-off' }])
    expect(decode(frame(two.subarray(0, 2 + 46 + 8))).blocks).toHaveLength(1)
  })

  test('a wrong count loses nothing and is complained of', () => {
    for (const [count, reason] of [
      [0, 'raw.wrong-count'],
      [1, 'raw.wrong-count'],
      [3, 'raw.cut-off'],
    ] as const) {
      const message = decode(frame(Uint8Array.from(two).fill(count, 1, 2)))
      expect(message.blocks).toHaveLength(2)
      expect(message.complaints).toMatchObject([{ reason }])
    }
  })

  test('a maker’s own types and commands are kept apart from what nobody knows', () => {
    const reason = (bytes: Uint8Array): unknown => decode(bytes).complaints[0]?.reason
    expect(reason(frame(Uint8Array.of(200, 1, 2)))).toBe('raw.own-type')
    expect(reason(frame(Uint8Array.of(9, 1, 2)))).toBe('raw.unknown-type')
    expect(reason(frame(Uint8Array.of(255, 1, 2)))).toBe('raw.unknown-type')
    expect(reason(frame(Uint8Array.of(2)))).toBe('raw.cut-off')
    expect(decode(frame(two, { command: 130 }))).toMatchObject({ blocks: [], complaints: [{ reason: 'raw.own-type' }] })
  })

  test('nothing makes it throw', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 30 }), fc.uint8Array({ maxLength: 200 }), (type, body) => {
        const { blocks } = decode(frame(Uint8Array.of(type, ...body)))
        for (const { readings } of blocks) expect(readings.at).toEqual([ARRIVED_AT])
      }),
    )
  })
})
