import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeFrame, encodeFrame } from './frame.ts'
import { applicationData, decodeObjects, encodeObjects, type ObjectOf, objectType, readTorn } from './objects.ts'
import { readText, textField } from './text.ts'

interface Example {
  readonly name: string
  readonly hex: string
}
const examples: readonly Example[] = JSON.parse(
  readFileSync(new URL('../../../shared/data/frames/gb26875.json', import.meta.url), 'utf8'),
)
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase()
const dataOf = (beginning: string): ReturnType<typeof decodeObjects> => {
  const example = examples.find(({ name }) => name.startsWith(beginning))
  return decodeObjects(decodeFrame(bytesOf(example?.hex ?? '')).data)
}

const TIME = { second: 2, minute: 58, hour: 9, day: 26, month: 9, year: 12 }

describe('the examples', () => {
  test.each(examples)('$name: read and written again byte for byte', ({ hex }) => {
    const frame = decodeFrame(bytesOf(hex))
    expect(hexOf(encodeFrame({ ...frame, data: encodeObjects(decodeObjects(frame.data)) }))).toBe(hex)
  })

  test('a smoke detector that reports a fire', () => {
    const data = dataOf('smoke detector fire')
    expect(data.name).toBe('componentState')
    const [object] = data.objects as readonly ObjectOf<'componentState'>[]
    expect(object).toMatchObject({ systemType: 1, systemAddress: 1, componentType: 40, zone: 10, point: 2, state: 2 })
    expect(object?.time).toMatchObject({ minute: 58, hour: 9, day: 26, month: 9, year: 12 })
    expect(readText(object?.text ?? new Uint8Array())).toBe('')
  })

  test('a duty check, its answer, a clock that is set, a mains fault', () => {
    expect(dataOf('centre asks a duty check')).toMatchObject({ name: 'dutyCheck', objects: [{ minutes: 10 }] })
    expect(dataOf('duty check reply').objects).toMatchObject([{ operation: 0x20, operator: 1 }])
    expect(dataOf('centre sets device time').objects).toMatchObject([{ clock: { hour: 9, year: 12 } }])
    expect(dataOf('transmission device').objects).toMatchObject([{ state: 8 }])
  })
})

describe('any application data', () => {
  test('comes back byte for byte, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
        expect(encodeObjects(decodeObjects(data))).toEqual(data)
      }),
    )
  })

  test('of a type that panels send comes back byte for byte, whatever count, bits, padding and rest it has', () => {
    const types = [1, 2, 3, 4, 5, 6, 7, 8, 21, 24, 25, 26, 28, 61, 62, 63, 64, 65, 66, 67, 68, 81, 84, 85, 86, 88, 89]
    fc.assert(
      fc.property(
        fc.constantFrom(...types, 90, 91, 128, 254),
        fc.integer({ min: 0, max: 255 }),
        fc.uint8Array({ maxLength: 300 }),
        (type, count, body) => {
          const data = Uint8Array.of(type, count, ...body)
          const read = decodeObjects(data)
          expect(read.name === 'unknown').toBe(type >= 128)
          expect(encodeObjects(read)).toEqual(data)
        },
      ),
    )
  })

  test('of fewer than two bytes is none: a heartbeat', () => {
    expect(decodeObjects(new Uint8Array())).toEqual({ name: 'none', objects: [], rest: new Uint8Array() })
    expect(decodeObjects(Uint8Array.of(2)).name).toBe('none')
  })
})

const component = (text: string, state: number): ObjectOf<'componentState'> => ({
  systemType: 1,
  systemAddress: 255,
  componentType: 200,
  zone: 65535,
  point: 256,
  state,
  text: textField(text, 31),
  time: TIME,
})

describe('what a maker does in his own way', () => {
  const two = [component('东楼三层', 3), component('西楼', 2)]
  const bytes = encodeObjects(applicationData('componentState', two))

  test('several objects in one frame', () => {
    const read = decodeObjects(bytes)
    expect(read).toMatchObject({ type: objectType('componentState'), count: 2, objects: two })
    expect(read.rest).toHaveLength(0)
  })

  test.each([0, 1, 3, 255])('a count of %i over two whole objects: both are read', (count) => {
    const read = decodeObjects(Uint8Array.from(bytes).fill(count, 1, 2))
    expect(read.objects).toEqual(two)
  })

  test('objects without their time tag, or with one where the standard has none', () => {
    const { time: _, ...bare } = component('东楼', 2)
    const untagged = decodeObjects(encodeObjects(applicationData('componentState', [bare, bare])))
    expect(untagged.objects).toEqual([bare, bare])
    const version = { systemType: 1, systemAddress: 1, main: 3, minor: 14, time: TIME }
    expect(decodeObjects(encodeObjects(applicationData('systemVersion', [version]))).objects).toEqual([version])
    const described = { systemType: 1, systemAddress: 1, text: textField('两路电源', 8), time: TIME }
    const configuration = encodeObjects(applicationData('systemConfiguration', [described, described]))
    expect(decodeObjects(configuration).objects).toEqual([described, described])
  })

  test('an object that is cut off stays in the rest, and its state can be read', () => {
    const read = decodeObjects(bytes.subarray(0, 2 + 46 + 20))
    expect(read.objects).toEqual(two.slice(0, 1))
    expect(read.rest).toHaveLength(20)
    expect(readTorn('componentState', read.rest)).toMatchObject({ componentType: 200, zone: 65535, state: 2 })
    expect(readTorn('componentState', read.rest.subarray(0, 8))).not.toHaveProperty('state')
  })

  test('bytes behind the objects that nobody knows stay in the rest', () => {
    const read = decodeObjects(Uint8Array.of(...bytes, 1, 2, 3))
    expect(read.objects).toEqual(two)
    expect(read.rest).toEqual(Uint8Array.of(1, 2, 3))
  })

  test('a temperature below zero', () => {
    const cold = { systemType: 1, systemAddress: 1, componentType: 31, zone: 1, point: 1, analogueType: 3, value: -405 }
    expect(decodeObjects(encodeObjects(applicationData('analogue', [{ ...cold, time: TIME }]))).objects).toEqual([
      { ...cold, time: TIME },
    ])
  })

  test('a value that does not fit its field is refused when it is written, not cut', () => {
    const wrong = { systemType: 256, systemAddress: 0, main: 1, minor: 0 }
    expect(() => encodeObjects(applicationData('systemVersion', [wrong]))).toThrow('from 0 to 255, not 256')
    const short = { ...component('', 0), text: new Uint8Array(30) }
    expect(() => encodeObjects(applicationData('componentState', [short]))).toThrow('30 bytes, not 31')
  })
})
