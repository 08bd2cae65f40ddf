import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { gatewaySchema, telemetrySchema } from './telemetry.ts'

interface Fixture {
  title: string
  form?: string
  json?: unknown
  expect: { reasons: string[] }
}
const fixtures = (kind: string): Fixture[] =>
  readdirSync(join(import.meta.dirname, 'fixtures', kind))
    .map((name) => JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', kind, name), 'utf8')) as Fixture)
    .filter((fixture) => fixture.json !== undefined)
const schemaOf = (fixture: Fixture) => (fixture.form === 'gateway' ? gatewaySchema : telemetrySchema)

describe('the published schemas agree with what ingest understands', () => {
  for (const fixture of fixtures('good').filter(({ expect }) => expect.reasons.length === 0))
    test(`accepted: ${fixture.title}`, () => {
      expect(schemaOf(fixture).safeParse(fixture.json).error).toBeUndefined()
    })
  // What only the meaning of SenML shows (units, values, later labels) is beyond a schema of its envelope.
  for (const fixture of fixtures('bad').filter(({ title, form }) => !title.includes('SenML') && form === undefined))
    test(`refused: ${fixture.title}`, () => {
      expect(schemaOf(fixture).safeParse(fixture.json).success).toBe(false)
    })
})
