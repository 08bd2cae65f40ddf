import { z } from 'zod'
import { placeSchema } from './api.ts'

/**
 * What of a place may stand in a message that leaves the control room. The name of a dwelling or a bed is often the name
 * or the condition of who lives there ("01号(独居老人)"); a place's `contact` is a person's telephone. Both stay behind the
 * link, where rights are asked for.
 */
export const publicPlaceSchema = placeSchema.pick({ id: true, kind: true }).extend({
  name: z.string().describe('empty where it would name or describe a resident'),
})
export type PublicPlace = z.infer<typeof publicPlaceSchema>

const PRIVATE = new Set(['dwelling', 'bed'])

/** From the outermost place to the innermost, as they are given. */
export const publicPath = (
  path: readonly { readonly id: string; readonly kind: PublicPlace['kind']; readonly name: string }[],
): readonly PublicPlace[] => path.map(({ id, kind, name }) => ({ id, kind, name: PRIVATE.has(kind) ? '' : name }))
