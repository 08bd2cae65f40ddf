import { errorSchema } from '../../contract/api.ts'

/** How every route of the API answers when it cannot; for the OpenAPI document. */
export const failures = { '4xx': errorSchema, '5xx': errorSchema } as const
