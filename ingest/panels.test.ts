import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ALARM_TYPES, type Alarm } from '../contract/alarms.ts'
import { encodeFrame } from '../contract/gb26875/frame.ts'
import { type ApplicationData, applicationData, encodeObjects, type ObjectOf } from '../contract/gb26875/objects.ts'
import { bitsValue, COMPONENT_STATE } from '../contract/gb26875/states.ts'
import { textField } from '../contract/gb26875/text.ts'
import type { Detect } from './detect.ts'
import { DETECTORS } from './detectors/index.ts'
import { confirmedBy } from './incidents/verification.ts'
import { MAX_POINTS } from './points.ts'
import { catchUp, Rig } from './rig.ts'

const TIME = { second: 2, minute: 58, hour: 9, day: 26, month: 9, year: 12 }
const SMOKE = bitsValue(COMPONENT_STATE, ['normal', 'fire'])
const WELL = bitsValue(COMPONENT_STATE, ['normal'])

const frame = (data: ApplicationData): Uint8Array => frameOf(encodeObjects(data))
const frameOf = (data: Uint8Array): Uint8Array =>
  encodeFrame({
    command: 2,
    sequence: 1,
    version: { main: 1, user: 2 },
    time: TIME,
    source: 889,
    destination: 88888,
    data,
  })
const component = (more: Partial<ObjectOf<'componentState'>> = {}): ObjectOf<'componentState'> => ({
  systemType: 1,
  systemAddress: 1,
  componentType: 40,
  zone: 10,
  point: 2,
  state: SMOKE,
  text: textField('三楼东病房', 31),
  time: TIME,
  ...more,
})
const states = (...objects: ObjectOf<'componentState'>[]): Uint8Array =>
  frame(applicationData('componentState', objects))
const POINT = 'p1.1-1.40.10-2'

let rig: Rig
let detect: Detect
beforeEach(async () => {
  rig = new Rig()
  await rig.add('p1', 'fire-panel', { name: '一号楼消控室', placeId: 'home-1' })
  detect = await rig.detect(DETECTORS)
})
afterEach(() => rig.remove())

test('what burns on a panel that was given no place is one incident, also where its points are heard of for the first time', async () => {
  await rig.add('p2', 'fire-panel', { name: '二号楼消控室', placeId: null })
  for (const point of [1, 2, 3]) await send(states(component({ point })), 'p2')
  await catchUp(detect)
  await send(states(component({ point: 4 }), component({ point: 5, zone: 11 })), 'p2')
  await catchUp(detect)
  const { items } = await rig.views.incidents({ state: 'open', limit: 10 })
  expect(items.map(({ cell, alarms: count, devices }) => ({ cell, count, devices }))).toEqual([
    { cell: 'device:p2', count: 5, devices: 5 },
  ])
})

const send = async (bytes: Uint8Array, panelId = 'p1'): Promise<void> => {
  rig.now += 1
  await rig.append('urgent', 'raw', panelId, bytes, 'gb26875')
}
const alarms = async (): Promise<readonly Alarm[]> => (await rig.views.alarms({ state: 'all', limit: 5000 })).items
const burning = async (panelId = 'p1'): Promise<string[]> =>
  (await rig.views.alarms({ state: 'active', limit: 5000 })).items
    .filter(({ type }) => ALARM_TYPES[type].group === 'fire')
    .map(({ deviceId }) => deviceId ?? '')
    .filter((id) => id === panelId || id.startsWith(`${panelId}.`))
    .sort()

describe('a fire at a point that nobody has entered', () => {
  test('rings under the name that the panel prints, in the home of its panel, although its test bit is clear', async () => {
    const [{ hex }] = JSON.parse(
      readFileSync(new URL('../../shared/data/frames/gb26875.json', import.meta.url), 'utf8'),
    ) as [{ hex: string }]
    await send(Buffer.from(hex, 'hex'))
    await send(states(component({ point: 3, state: bitsValue(COMPONENT_STATE, ['fire']) })))
    await catchUp(detect)
    expect(await alarms()).toMatchObject(
      [POINT, 'p1.1-1.40.10-3'].toReversed().map((deviceId) => ({
        deviceId,
        placeId: 'home-1',
        type: 'smoke',
        severity: 'CRITICAL',
        state: 'ACTIVE_UNACK',
        test: false,
        reason: expect.stringMatching(/zone 10 point [23].*taken as real/),
        reasonZh: expect.stringMatching(/10区[23]号.*按真实火警处理/),
      })),
    )
    expect(await rig.registry.find('p1.1-1.40.10-3')).toMatchObject({
      kind: 'smoke-detector',
      name: '三楼东病房',
      gatewayId: 'p1',
      placeId: 'home-1',
    })
  })

  test('is over when the panel says so; the point stands once in the registry', async () => {
    await send(states(component()))
    await send(states(component(), component({ state: WELL })))
    await send(states(component({ state: WELL })))
    await catchUp(detect)
    expect(await alarms()).toMatchObject([{ deviceId: POINT, state: 'CLEARED_UNACK' }])
    expect(await rig.registry.countChildren('p1')).toBe(1)
  })

  test('rings again when the panel says the same again, as after a restart with the same number', async () => {
    for (const state of [SMOKE, WELL, SMOKE]) await send(states(component({ state })))
    await catchUp(detect)
    expect(await burning()).toEqual([POINT])
  })

  test('rings as a fire whatever the point is: a flow switch, a fire door, a maker’s own', async () => {
    const types = [96, 102, 200, 61, 78]
    await send(states(...types.map((componentType, point) => component({ componentType, point }))))
    await catchUp(detect)
    const raised = await alarms()
    expect(raised).toHaveLength(types.length)
    for (const { severity, type } of raised) expect([severity, type]).toEqual(['CRITICAL', 'detectorAlarm'])
  })

  test('is decided the same, whether all at once or with a restart between any two frames', async () => {
    const frames = [
      states(component(), component({ point: 3 })),
      states(component({ state: WELL }), component({ componentType: 23, point: 4 })),
      frame(applicationData('deviceState', [{ state: 3, time: TIME }])),
      states(component({ text: textField('改名', 31) })),
    ]
    for (const bytes of frames) await send(bytes)
    await catchUp(detect)
    const once = await alarms()
    const other = new Rig()
    try {
      await other.add('p1', 'fire-panel', { name: '一号楼消控室', placeId: 'home-1' })
      for (const bytes of frames) {
        other.now += 1
        await other.append('urgent', 'raw', 'p1', bytes, 'gb26875')
        await catchUp(await other.detect(DETECTORS))
      }
      const again = (await other.views.alarms({ state: 'all', limit: 5000 })).items
      expect(again.map(({ id, state, deviceId }) => [id, state, deviceId])).toEqual(
        once.map(({ id, state, deviceId }) => [id, state, deviceId]),
      )
      expect(await other.registry.countChildren('p1')).toBe(await rig.registry.countChildren('p1'))
    } finally {
      await other.remove()
    }
  })
})

describe('what a person has entered', () => {
  test('stays: name, kind, room and rhythm; the alarm is of that room', async () => {
    await rig.add(POINT, 'heat-detector', { name: '厨房', placeId: 'kitchen', gatewayId: 'p1' })
    await send(states(component()))
    await catchUp(detect)
    expect(await rig.registry.find(POINT)).toMatchObject({ name: '厨房', kind: 'heat-detector', placeId: 'kitchen' })
    expect(await alarms()).toMatchObject([{ deviceId: POINT, placeId: 'kitchen', type: 'heat' }])
  })

  test('counts also where it does not say under which panel', async () => {
    await rig.add(POINT, 'smoke-detector', { placeId: 'kitchen' })
    await send(states(component()))
    await catchUp(detect)
    expect(await burning()).toEqual([POINT])
  })

  test('a point registered under another gateway: the panel speaks for it, and it is said why', async () => {
    await rig.add(POINT, 'smoke-detector', { gatewayId: 'p2' })
    await send(states(component(), component({ state: WELL })))
    await catchUp(detect)
    expect(await alarms()).toMatchObject([
      { deviceId: 'p1', severity: 'CRITICAL', reason: expect.stringContaining('zone 10 point 2 “三楼东病房”') },
    ])
    expect((await rig.views.quarantineReasons({})).map(({ reason }) => reason)).toEqual(['gateway.not-your-child'])
  })

  test('a point first known by its temperature gets its name when the panel says it', async () => {
    const { state: _, text: __, ...address } = component()
    await send(frame(applicationData('analogue', [{ ...address, analogueType: 3, value: 215 }])))
    await catchUp(detect)
    expect((await rig.registry.find(POINT))?.name).toBe('感烟火灾探测器 10-2')
    await send(states(component({ state: WELL })))
    await catchUp(detect)
    expect((await rig.registry.find(POINT))?.name).toBe('三楼东病房')
    expect((await rig.views.sighting(POINT))?.latest).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ quantity: 'temperature', value: 21.5 })]),
    )
  })
})

describe('bounds', () => {
  test('more points than a panel can have: the fire is raised on the panel, with the point', async () => {
    const many = Array.from({ length: MAX_POINTS - 1 }, (_, i) => ({
      id: `p1.x${i}`,
      kind: 'fire-detector' as const,
      name: '',
      model: null,
      placeId: null,
      gatewayId: 'p1',
      lon: null,
      lat: null,
      rhythmS: null,
      secretHash: new Uint8Array(),
    }))
    await rig.registry.put(many, { replace: false })
    await send(states(component(), component({ point: 3, state: WELL }), component({ point: 4 })))
    await catchUp(detect)
    expect(await rig.registry.countChildren('p1')).toBe(MAX_POINTS)
    expect(await burning()).toEqual(['p1', POINT])
    expect((await alarms()).find(({ deviceId }) => deviceId === 'p1')?.reason).toContain('zone 10 point 4')
    expect((await rig.views.rejectionTotals()).get('panel.too-many-points')).toBe(2)
  })

  test('a meter that sends such frames has no points; a fire in them is its own', async () => {
    await rig.add('m1', 'water-meter')
    await send(states(component()), 'm1')
    await catchUp(detect)
    expect(await burning('m1')).toEqual(['m1'])
    expect(await rig.registry.countChildren('m1')).toBe(0)
  })
})

test('a panel that repeats what its point says is no second detector; another point is', () => {
  const witness = (deviceId: string) => {
    const sense = { type: 'detectorAlarm', zone: 'floor-3', evidence: 'alarm', at: 0, active: true } as const
    return { deviceId, ...sense }
  }
  const scene = { nobodyToLook: false, afterReset: false }
  for (const panel of ['p1', 'p1.1-1']) {
    expect(confirmedBy(witness(POINT), [witness(panel)], scene)).toBeUndefined()
    expect(confirmedBy(witness(panel), [witness(POINT)], scene)).toBeUndefined()
  }
  expect(confirmedBy(witness(POINT), [witness('p1.1-1.40.10-20')], scene)).toBe('second-detector')
})

describe('what cannot be read', () => {
  test('raises an alarm of its own and lies in quarantine; a maker’s own type only lies there', async () => {
    await send(frameOf(Uint8Array.of(200, 1, 1)))
    await catchUp(detect)
    expect(await alarms()).toEqual([])
    await send(frameOf(Uint8Array.of(9, 1, 1)))
    await catchUp(detect)
    expect(await alarms()).toMatchObject([{ type: 'unreadable', deviceId: 'p1', state: 'ACTIVE_UNACK' }])
    expect((await rig.views.quarantineReasons({})).map(({ reason }) => reason).sort()).toEqual([
      'raw.own-type',
      'raw.unknown-type',
    ])
    await send(states(component({ state: WELL })))
    await catchUp(detect)
    expect(await alarms()).toMatchObject([{ type: 'unreadable', state: 'CLEARED_UNACK' }])
  })

  test('a heartbeat is a sign of life; how wrong the panel’s clock is can be seen', async () => {
    await send(frameOf(new Uint8Array()))
    await catchUp(detect)
    const sighting = await rig.views.sighting('p1')
    expect(sighting?.lastHeardAt).toBe(rig.now)
    expect(sighting?.attributes.panelClock).toBeLessThan(-12 * 365 * 86_400)
  })
})

// ── for every frame ─────────────────────────────────────────────────────────────────────────────────────────────────

const byte = fc.integer({ min: 0, max: 255 })
const word = fc.integer({ min: 0, max: 65_535 })
/** Few addresses and types beside all of them, so that one point speaks several times. */
const few = (...values: number[]) => fc.oneof(fc.constantFrom(...values), byte)
const components = fc.record({
  systemType: few(1, 12),
  systemAddress: few(1),
  componentType: few(23, 31, 40, 96, 17, 200),
  zone: fc.oneof(fc.constantFrom(1, 2), word),
  point: fc.oneof(fc.constantFrom(1, 2), word),
  state: word,
  text: fc.oneof(fc.uint8Array({ minLength: 31, maxLength: 31 }), fc.constant(textField('𠀀㐂三楼', 31))),
  time: fc.record({ second: byte, minute: byte, hour: byte, day: byte, month: byte, year: byte }),
})
const frames = fc.array(fc.array(components, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 4 })

/** Read without any of the code under test: offsets of §8.2.1.2. */
function firesIn(data: Uint8Array): Map<string, boolean> {
  const fires = new Map<string, boolean>()
  for (let at = 2; at + 46 <= data.length; at += 46) {
    const [st, sa, ct, z0 = 0, z1 = 0, p0 = 0, p1 = 0, s0 = 0] = data.subarray(at, at + 8)
    fires.set(`${st}-${sa}.${ct}.${z0 + 256 * z1}-${p0 + 256 * p1}`, (s0 & 2) !== 0)
  }
  return fires
}
const burningIn = (panelId: string, all: readonly ReadonlyMap<string, boolean>[]): string[] => {
  const last = new Map(all.flatMap((fires) => [...fires]))
  return [...last].flatMap(([id, fire]) => (fire ? [`${panelId}.${id}`] : [])).sort()
}

describe('for every list of points with any bits, systems, addresses and texts', () => {
  let panels = 0
  const newPanel = async (): Promise<string> => {
    const id = `q${panels++}`
    await rig.add(id, 'fire-panel')
    return id
  }

  test('what burns afterwards is what burns in the frames', async () => {
    await fc.assert(
      fc.asyncProperty(frames, async (list) => {
        const panel = await newPanel()
        const datas = list.map((objects) => encodeObjects(applicationData('componentState', objects)))
        for (const data of datas) await send(frameOf(data), panel)
        await catchUp(detect)
        expect(await burning(panel)).toEqual(burningIn(panel, datas.map(firesIn)))
      }),
      { numRuns: 40 },
    )
  })

  test('whatever is in a good frame: nothing makes ingest fail', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.uint8Array({ maxLength: 120 })), { maxLength: 8 }),
        async (datas) => {
          const panel = await newPanel()
          for (const [type, body] of datas) await send(frameOf(Uint8Array.of(type, ...body)), panel)
          await catchUp(detect)
          const reasons = (await rig.views.quarantineReasons({})).map(({ reason }) => reason)
          expect(reasons).not.toContain('poison.exception')
        },
      ),
      { numRuns: 30 },
    )
  })

  test('a frame with changed bytes is read as its bytes say, or says nothing where its checksum does not fit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(components, { minLength: 1, maxLength: 4 }),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 20 }),
        async (objects, flips) => {
          const panel = await newPanel()
          const data = encodeObjects(applicationData('componentState', objects))
          const damaged = frameOf(data)
          const [[place, flip]] = flips as [[number, number]]
          const at = place % damaged.length
          damaged[at] = (damaged[at] ?? 0) ^ flip
          await send(damaged, panel)
          await catchUp(detect)
          expect(await burning(panel)).toEqual([])
          for (const [where, bits] of flips) {
            const i = 2 + (where % (data.length - 2))
            data[i] = (data[i] ?? 0) ^ bits
          }
          await send(frameOf(data), panel)
          await catchUp(detect)
          expect(await burning(panel)).toEqual(burningIn(panel, [firesIn(data)]))
        },
      ),
      { numRuns: 40 },
    )
  })
})
