import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { DecodedMessage } from '../../contract/readings.ts'
import { decodeRaw } from './codecs.ts'
import { decodeGatewayTelemetry, decodeTelemetry } from './telemetry.ts'

interface Fixture {
  title: string
  deviceId: string
  arrivedAt: number
  /** 'gateway' or 'raw/{codec}'; absent: telemetry. */
  form?: string
  json?: unknown
  text?: string
  hex?: string
  expect: { blocks?: Block[]; reasons: string[] }
}
type Block = { deviceId: string; at: number[]; fields: Record<string, unknown[]>; seq?: number; id?: string }

const ROOT = join(import.meta.dirname, '../../contract/fixtures')
const fixtures = (kind: 'good' | 'bad'): Fixture[] =>
  readdirSync(join(ROOT, kind)).map((name) => JSON.parse(readFileSync(join(ROOT, kind, name), 'utf8')) as Fixture)

const bytesOf = (fixture: Fixture): Uint8Array => {
  if (fixture.hex !== undefined) return Buffer.from(fixture.hex, 'hex')
  return Buffer.from(fixture.text ?? JSON.stringify(fixture.json))
}

const decode = (fixture: Fixture): DecodedMessage => {
  const { form = 'telemetry', deviceId, arrivedAt } = fixture
  if (form === 'gateway') return decodeGatewayTelemetry(bytesOf(fixture), arrivedAt)
  if (form.startsWith('raw/')) return decodeRaw(form.slice(4), bytesOf(fixture), deviceId, arrivedAt)
  return decodeTelemetry(bytesOf(fixture), deviceId, arrivedAt)
}

const blocksOf = (message: DecodedMessage): Block[] =>
  message.blocks.map(({ deviceId, readings: { at, fields, ...mark } }) => ({
    deviceId,
    at: [...at],
    fields: Object.fromEntries(fields.map(({ quantity, values }) => [quantity, [...values]])),
    ...mark,
  }))

describe('what the contract allows is understood', () => {
  for (const fixture of fixtures('good'))
    test(fixture.title, () => {
      const message = decode(fixture)
      expect(blocksOf(message)).toEqual(fixture.expect.blocks)
      expect(message.complaints.map(({ reason }) => reason).sort()).toEqual(fixture.expect.reasons.toSorted())
    })
})

describe('what it does not allow is named', () => {
  for (const fixture of fixtures('bad'))
    test(fixture.title, () => {
      const message = decode(fixture)
      expect(message.blocks).toEqual([])
      expect(message.complaints.map(({ reason }) => reason)).toEqual(fixture.expect.reasons)
      for (const { detail } of message.complaints) expect(detail).toMatch(/\S{2}/)
    })
})
