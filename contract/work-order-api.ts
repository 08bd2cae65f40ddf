import { z } from 'zod'
import { momentSchema } from './moment.ts'
import { checkSchema } from './repair-verdict.ts'
import { ORDER_STATES, ORDER_SUBJECTS, orderEventSchema, workOrderSchema } from './work-orders.ts'
import { zoneNightSchema } from './zones.ts'

/** Repair work orders as `/api/water/orders` takes and shows them. */

/** The largest loss that a person may write down, m³/h: what a plant of this city delivers at its peak is 2,000. */
const LARGEST_M3H = 2000
/** The smallest: a litre an hour at a meter. Of a zone what scatter alone could not confirm (night-loss.ts tells from 0.015). */
const LEAST_M3H = { meter: 0.001, zone: 0.01 } as const

export const newOrderSchema = z
  .object({
    subject: z.enum(ORDER_SUBJECTS),
    subjectId: z.string().min(1).max(200),
    m3h: z.number().positive().max(LARGEST_M3H).optional().describe('absent: what the open alarm of it says'),
    note: z.string().trim().max(2000).default(''),
    assignee: z.string().trim().min(1).max(100).optional(),
    dueAt: momentSchema.optional(),
  })
  .refine(({ subject, m3h }) => m3h === undefined || m3h >= LEAST_M3H[subject], {
    message: `a loss is at least ${LEAST_M3H.zone} m³/h of a zone, ${LEAST_M3H.meter} of a meter`,
    path: ['m3h'],
  })
  .refine(({ assignee, dueAt }) => (assignee === undefined) === (dueAt === undefined), {
    message: 'who and until when belong together',
    path: ['dueAt'],
  })
export const assignOrderSchema = z.object({
  assignee: z.string().trim().min(1).max(100),
  dueAt: momentSchema,
  comment: z.string().trim().max(2000).default(''),
})
export const claimOrderSchema = z.object({
  repairedAt: momentSchema.optional().describe('absent: now'),
  done: z.string().trim().min(1).max(2000),
})
export const cancelOrderSchema = z.object({
  reason: z.string().trim().min(1).max(2000).describe('a wrong alarm, a duplicate'),
})
export const commentOrderSchema = z.object({ comment: z.string().trim().min(1).max(2000) })

export const orderQuerySchema = z.object({
  state: z.enum([...ORDER_STATES, 'unclosed', 'all']).default('unclosed'),
  overdue: z.stringbool().default(false).describe('only those past their day'),
  zoneId: z.string().max(200).optional().describe('orders of this zone, of zones in it and of meters in it'),
  subjectId: z.string().max(200).optional().describe('orders of this very zone or meter'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().max(200).optional(),
})

/** An order as a list shows it: what is overdue first, then by its day; what nobody has yet stands before all. */
export const orderAnswerSchema = workOrderSchema.extend({
  name: z.string().describe('of the zone or the meter'),
  path: z.array(z.string()).describe('names from the county down to what it lies in'),
  overdue: z.boolean(),
  lostM3: z.number(),
  lostYuan: z.number(),
  savedM3Year: z.number(),
  savedYuanYear: z.number(),
  confirming: z.number().int().nullable().describe('nights that confirm the claim; null where none is waited for'),
})
export type OrderAnswer = z.infer<typeof orderAnswerSchema>

export const orderDetailSchema = orderAnswerSchema.extend({
  evidence: z.object({ en: z.string(), zh: z.string() }).nullable().describe('what the alarm says'),
  check: checkSchema.nullable().describe('what the water says of the last claim; null: nothing is claimed'),
  nights: z.array(zoneNightSchema).describe('of a zone: before and after, oldest first'),
  history: z.array(orderEventSchema).describe('oldest first'),
  may: z
    .object({ assign: z.boolean(), claim: z.boolean(), cancel: z.boolean(), comment: z.boolean() })
    .describe('what the caller may do to it now: what the page offers'),
})
export type OrderDetail = z.infer<typeof orderDetailSchema>

export const orderSumsSchema = z.object({
  unclosed: z.number().int(),
  overdue: z.number().int(),
  claimed: z.number().int().describe('waiting for the water'),
  confirmed: z.number().int(),
  savedM3Year: z.number(),
  savedYuanYear: z.number(),
})
export type OrderSums = z.infer<typeof orderSumsSchema>
