import type { Quantity, Value } from '../../contract/quantities.ts'
import type { System } from '../system.ts'

/** As many readings as one answer holds. */
const API_LIMIT = 10_000

/** GET of a path of the API: its JSON. Rejects with the status where it is refused. */
export type Ask = (path: string) => Promise<unknown>

export const askOf =
  (system: Pick<System, 'httpUrl'>, token: string): Ask =>
  async (path) => {
    const answer = await fetch(`${system.httpUrl}${path}`, { headers: { authorization: `Bearer ${token}` } })
    if (!answer.ok) throw new Error(`GET ${path} answered ${answer.status}: ${await answer.text()}`)
    return answer.json()
  }

/** All readings of a device over HTTP, page by page. */
export async function readAll(
  ask: Ask,
  deviceId: string,
): Promise<{ at: number[]; fields: Map<Quantity, (Value | null)[]> }> {
  const at: number[] = []
  const fields = new Map<Quantity, (Value | null)[]>()
  for (let from = 0, more = true; more; from = (at[at.length - 1] ?? 0) + 1) {
    const to = Date.now()
    const page = (await ask(`/api/devices/${deviceId}/readings?from=${from}&to=${to}&limit=${API_LIMIT}`)) as {
      at: number[]
      fields: Record<Quantity, (Value | null)[]>
      truncated: boolean
    }
    for (const [quantity, values] of Object.entries(page.fields) as [Quantity, (Value | null)[]][]) {
      const column = fields.get(quantity) ?? []
      while (column.length < at.length) column.push(null)
      column.push(...values)
      fields.set(quantity, column)
    }
    at.push(...page.at)
    more = page.truncated
  }
  return { at, fields }
}
