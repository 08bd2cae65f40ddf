import { z } from 'zod'
import { QUANTITIES, QUANTITY_NAMES, type Quantity, type QuantityFacts } from './quantities.ts'

/**
 * The payload forms as schemas: for integrators, for simulators, and for tests that hold the codecs to them. Ingest
 * itself checks by hand (a schema per reading costs three times the parsing), and keeps the good part of a payload that
 * a schema would refuse whole.
 */

/** Milliseconds. */
export const SERIES_STEP = { min: 1_000, max: 86_400_000 } as const

function valueSchema(quantity: Quantity): z.ZodType {
  const facts: QuantityFacts = QUANTITIES[quantity]
  switch (facts.type) {
    case 'number':
      return z.number().min(facts.min).max(facts.max).describe(`${facts.en}, ${facts.unit}`)
    case 'boolean':
      return z.boolean().describe(facts.en)
    case 'word':
      return z.enum(facts.words as readonly [string, ...string[]]).describe(facts.en)
    case 'words':
      return z.array(z.enum(facts.words as readonly [string, ...string[]])).describe(facts.en)
  }
}

const byQuantity = (schema: (quantity: Quantity) => z.ZodType): Record<string, z.ZodType> =>
  Object.fromEntries(QUANTITY_NAMES.map((quantity) => [quantity, schema(quantity).optional()]))

const mark = {
  seq: z.int().min(0).optional().describe("the device's counter of messages"),
  id: z.string().min(1).max(64).optional().describe("the device's id of the message"),
}
const ts = z.number().describe('ms since 1970, UTC')
/** null means "no reading". */
const values = z.strictObject(byQuantity((quantity) => valueSchema(quantity).nullable()))

const plainSchema = z.strictObject({ ...values.shape, ...mark }).describe('measured when it arrives')
const stampedSchema = z.strictObject({ ts: ts.optional(), values, ...mark }).describe('one reading')
const severalSchema = z
  .array(z.union([stampedSchema, plainSchema]))
  .min(1)
  .describe('several readings')

const seriesSchema = z
  .strictObject({
    ts,
    step: z.int().min(SERIES_STEP.min).max(SERIES_STEP.max).describe('ms between two entries'),
    values: z.strictObject(byQuantity((quantity) => z.array(valueSchema(quantity).nullable()).min(1))),
    ...mark,
  })
  .refine((series) => new Set(Object.values(series.values).map((column) => (column as unknown[]).length)).size === 1, {
    message: 'every list of a series has one entry per step',
  })
  .describe('every `step` ms from `ts`')

const senmlSchema = z
  .array(
    z.looseObject({
      bn: z.string().optional(),
      bt: z.number().optional().describe('seconds'),
      bu: z.string().optional(),
      bv: z.number().optional(),
      bver: z.number().max(10).optional(),
      n: z.string().optional().describe('the quantity'),
      u: z.string().optional(),
      t: z.number().optional().describe('seconds; below 2^28 relative to now'),
      v: z.number().optional(),
      vb: z.boolean().optional(),
      vs: z.string().optional(),
    }),
  )
  .min(1)
  .describe('SenML, RFC 8428')

/** `v1/devices/{deviceId}/telemetry`. */
export const telemetrySchema = z.union([seriesSchema, stampedSchema, plainSchema, severalSchema, senmlSchema])
/** `v1/gateway/telemetry`. */
export const gatewaySchema = z.record(z.string(), telemetrySchema)
