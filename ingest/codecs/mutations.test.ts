import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { QUANTITIES } from '../../contract/quantities.ts'
import { REASONS } from '../../contract/reasons.ts'
import { RECORD_KINDS, type RecordKind } from '../../store/journal/port.ts'
import { decodeRecord } from '../decode.ts'

/** Every form of the contract, good and bad, with the edits that a bad cable, a bad firmware or an attacker makes. */

const ROOT = join(import.meta.dirname, '../../contract/fixtures')
const ARRIVED_AT = Date.UTC(2024, 10, 21, 8)

interface Fixture {
  readonly form?: string
  readonly json?: unknown
  readonly text?: string
  readonly hex?: string
}

const SEEDS = ['good', 'bad'].flatMap((folder) =>
  readdirSync(join(ROOT, folder)).map((name) => {
    const { form = 'telemetry', ...fixture } = JSON.parse(readFileSync(join(ROOT, folder, name), 'utf8')) as Fixture
    const bytes =
      fixture.hex === undefined
        ? Buffer.from(fixture.text ?? JSON.stringify(fixture.json))
        : Buffer.from(fixture.hex, 'hex')
    const [kind = 'telemetry', arg = ''] = form.split('/')
    return { kind: kind as RecordKind, arg, bytes }
  }),
)

const WORDS = ['1e999', '-0', 'null', '"__proto__"', '{}', '[', '9007199254740993', '\\ud800', ',"alarm":true', '""']

const edit = fc.oneof(
  fc.record({ at: fc.nat(), bit: fc.nat(7) }).map(({ at, bit }) => (bytes: Buffer): Buffer => {
    const place = at % Math.max(1, bytes.length)
    if (bytes.length > 0) bytes[place] = (bytes[place] as number) ^ (1 << bit)
    return bytes
  }),
  fc
    .record({
      at: fc.nat(),
      drop: fc.nat(40),
      put: fc.oneof(fc.uint8Array({ maxLength: 8 }), fc.constantFrom(...WORDS)),
    })
    .map(({ at, drop, put }) => (bytes: Buffer): Buffer => {
      const place = at % (bytes.length + 1)
      return Buffer.concat([bytes.subarray(0, place), Buffer.from(put as string), bytes.subarray(place + drop)])
    }),
)
const mutated = fc
  .record({ seed: fc.constantFrom(...SEEDS), edits: fc.array(edit, { maxLength: 5 }) })
  .map(({ seed, edits }) => ({
    ...seed,
    bytes: edits.reduce<Buffer>((bytes, change) => change(bytes), Buffer.from(seed.bytes)),
  }))

const decode = (kind: RecordKind, arg: string, payload: Uint8Array) =>
  decodeRecord({ seq: 1, kind, deviceId: 'meter-7', arg, arrivedAt: ARRIVED_AT, payload })

describe('whatever a payload holds', () => {
  test('it is decoded without an exception, to readings that can be true and complaints that say why', () => {
    fc.assert(
      fc.property(mutated, ({ kind, arg, bytes }) => {
        const decoded = decode(kind, arg, bytes)
        if (decoded.type !== 'readings') return
        const { blocks, complaints } = decoded.message
        expect(blocks.length + complaints.length).toBeGreaterThan(0)
        for (const { reason, detail } of complaints) {
          expect(REASONS[reason]).toBeDefined()
          expect(detail.length).toBeLessThan(1000)
        }
        for (const { deviceId, readings } of blocks) {
          expect(deviceId).toMatch(/^[\w.-]{1,64}$/)
          expect(readings.at.every((at, i) => Number.isFinite(at) && (i === 0 || at > (readings.at[i - 1] ?? 0)))).toBe(
            true,
          )
          expect(readings.fields.length).toBeGreaterThan(0)
          for (const { quantity, values } of readings.fields) {
            expect(values.length).toBe(readings.at.length)
            const facts = QUANTITIES[quantity]
            if (facts.type === 'number')
              expect(values.every((v) => v === null || (Number(v) >= facts.min && Number(v) <= facts.max))).toBe(true)
          }
        }
      }),
      { numRuns: 3000 },
    )
  })

  test('no alarm comes out of a payload that says none', () => {
    const bytes = fc.uint8Array({ maxLength: 300 }).map((noise) => Buffer.from(noise))
    fc.assert(
      fc.property(
        fc.oneof(mutated, fc.record({ kind: fc.constant<RecordKind>('telemetry'), arg: fc.constant(''), bytes })),
        ({ kind, arg, bytes: payload }) => {
          const decoded = decode(kind, arg, payload)
          if (decoded.type !== 'readings' || payload.includes('alarm') || payload.includes('\\u')) return
          for (const { readings } of decoded.message.blocks)
            expect(readings.fields.some(({ quantity }) => quantity === 'alarm')).toBe(false)
        },
      ),
      { numRuns: 1000 },
    )
  })

  test('attributes, refusals and commands are decoded without an exception too', () => {
    const kinds = Object.keys(RECORD_KINDS) as RecordKind[]
    fc.assert(
      fc.property(fc.constantFrom(...kinds), mutated, fc.string({ maxLength: 10 }), (kind, { bytes }, arg) => {
        expect(decode(kind, arg, bytes).record.kind).toBe(kind)
      }),
      { numRuns: 1000 },
    )
  })
})
