import type { JournalLane } from '../../store/journal/port.ts'
import type { Cursor } from '../../store/state/decisions-port.ts'
import type { RoleMetric } from '../../store/state/role-metrics-port.ts'
import type { Desk } from '../desk.ts'

/** Every role publishes its figures about once a second; one that has not for this long is reported. */
const STALE_MS = 10_000
/** A check that takes longer than this counts as failed: a stalled disk must not stall the answer. */
const PATIENCE_MS = 2000

const ROLES: readonly RoleMetric['role'][] = ['broker', 'ingest', 'dashboard']

export interface Standing {
  readonly ready: boolean
  readonly checks: Readonly<Record<'journal' | 'state' | 'history', 'ok' | string>>
  /** When each role last published its figures. `stale` does not make the dashboard unready: it still shows what is known. */
  readonly roles: Readonly<Record<RoleMetric['role'], { readonly lastAt: number | null; readonly fresh: boolean }>>
  /** Journal records that a cursor has not read yet. */
  readonly lag: readonly { readonly cursor: Cursor; readonly lane: JournalLane; readonly records: number }[]
}

/** How the system stands, for /readyz: looked at anew every time. */
export async function standing(desk: Desk): Promise<Standing> {
  const { views, history, journals } = desk.stores
  const [journal, state, past] = await Promise.all([
    check(() => Promise.all(Object.values(journals).map((lane) => lane.head()))),
    check(() => views.lastEventSeq()),
    check(() => history.latest('')),
  ])
  const metrics = state === 'ok' ? await views.roleMetrics() : []
  const now = desk.now()
  const roles = Object.fromEntries(
    ROLES.map((role) => {
      const lastAt = metrics.reduce((newest, one) => (one.role === role ? Math.max(newest, one.at) : newest), 0)
      return [role, { lastAt: lastAt === 0 ? null : lastAt, fresh: now - lastAt <= STALE_MS }]
    }),
  ) as Standing['roles']
  const lag = journal === 'ok' && state === 'ok' ? await lagOf(desk) : []
  return {
    // A history in InfluxDB may be away: alarms are served all the same, so nothing is gained by turning people away.
    ready: journal === 'ok' && state === 'ok',
    checks: { journal, state, history: past },
    roles,
    lag,
  }
}

export async function lagOf(desk: Pick<Desk, 'stores'>): Promise<Standing['lag']> {
  const { views, journals } = desk.stores
  const cursors = await views.cursors()
  const heads = Object.fromEntries(
    await Promise.all(Object.entries(journals).map(async ([lane, reader]) => [lane, await reader.head()] as const)),
  ) as Record<JournalLane, number>
  return cursors.map(({ cursor, lane, seq }) => ({ cursor, lane, records: Math.max(0, heads[lane] - seq) }))
}

async function check(work: () => Promise<unknown>): Promise<'ok' | string> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${PATIENCE_MS} ms`), PATIENCE_MS)
  })
  try {
    return await Promise.race([work().then(() => 'ok' as const), late])
  } catch (error) {
    return error instanceof Error ? error.message : 'failed'
  } finally {
    clearTimeout(timer)
  }
}
