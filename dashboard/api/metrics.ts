import type { FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { REASONS } from '../../contract/reasons.ts'
import { isLoopback } from '../../contract/settings.ts'
import type { RoleMetric } from '../../store/state/role-metrics-port.ts'
import { identify } from '../access/guard.ts'
import { callerMay } from '../access/sessions.ts'
import type { Desk } from '../desk.ts'
import { ApiError } from './errors.ts'
import { exposition, type Sample } from './exposition.ts'
import { lagOf } from './standing.ts'
import { bySeverity } from './summary.ts'

/**
 * Prometheus' door. On this machine it is open, because a scraper beside the process is the usual case and the figures
 * name no person and no device; from elsewhere it takes a bearer token (`npm run hydrant -- token add prometheus --role
 * viewer`).
 */
export const metricsRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/metrics',
      {
        config: { public: true },
        schema: {
          summary: 'Every figure of every role, for Prometheus',
          description: 'Without sign-in on the machine itself, elsewhere with a bearer token.',
          tags: ['operating'],
          produces: ['text/plain'],
        },
      },
      async (request, reply) => {
        if (!isLocal(request)) {
          const identity = await identify(request, desk.sessions, desk.config)
          if (identity.caller === null) throw new ApiError(identity.why)
          if (!callerMay(identity.caller, 'read')) throw new ApiError('right.missing')
        }
        reply.header('cache-control', 'no-store').type('text/plain; version=0.0.4; charset=utf-8')
        return exposition(await samples(desk))
      },
    )
  }

/**
 * Asked by this machine itself: a loopback connection that no proxy passed on, and (against DNS rebinding, where a web
 * page makes the operator's browser ask) under a loopback name.
 */
function isLocal(request: FastifyRequest): boolean {
  const { remoteAddress } = request.socket
  if (remoteAddress === undefined || !/^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/.test(remoteAddress)) return false
  if (request.headers['x-forwarded-for'] !== undefined || request.headers.forwarded !== undefined) return false
  const host = request.headers.host
  return host !== undefined && URL.canParse(`http://${host}`) && isLocalName(new URL(`http://${host}`).hostname)
}

const isLocalName = (name: string): boolean => isLoopback(name.replace(/^\[|\]$/g, ''))

async function samples(desk: Desk): Promise<Sample[]> {
  const { views } = desk.stores
  const [metrics, rejected, open, active, totals, lag] = await Promise.all([
    views.roleMetrics(),
    views.rejectionTotals(),
    bySeverity(desk, 'open'),
    bySeverity(desk, 'active'),
    views.totals(),
    lagOf(desk),
  ])
  const seen = new Map<string, Set<string>>()
  for (const metric of metrics) {
    const roles = seen.get(metric.name) ?? new Set()
    seen.set(metric.name, roles.add(metric.role))
  }
  return [
    ...labelled('rejected_total', rejected, (reason) => `reason="${reason}",fate="${REASONS[reason].fate}"`),
    ...labelled('alarms_open', Object.entries(open), (severity) => `severity="${severity}"`),
    ...labelled('alarms_active', Object.entries(active), (severity) => `severity="${severity}"`),
    ...labelled('devices', Object.entries(desk.fleet.counts()), (status) => `status="${status}"`),
    { name: 'readings_total', value: totals.readings },
    ...(totals.lastReadingAt === null
      ? []
      : [{ name: 'last_reading_timestamp_seconds', value: totals.lastReadingAt / 1000 }]),
    ...lag.map(({ cursor, lane, records }) => ({
      name: `journal_lag_records{cursor="${cursor}",lane="${lane}"}`,
      value: records,
    })),
    ...Object.entries(desk.figures.read()).map(([name, value]) => ({ name, value })),
    ...metrics
      .filter((metric) => metric.role !== 'dashboard')
      .map((metric) => ({
        name: seen.get(metric.name)?.size === 1 ? metric.name : withRole(metric.name, metric.role),
        value: metric.value,
      })),
  ]
}

function labelled<K extends string>(
  name: string,
  values: Iterable<readonly [K, number]>,
  labels: (key: K) => string,
): Sample[] {
  return [...values].map(([key, value]) => ({ name: `${name}{${labels(key)}}`, value }))
}

/** Two roles that publish the same name are told apart by a label. */
const withRole = (name: string, role: RoleMetric['role']): string =>
  name.endsWith('}') ? name.replace(/\}$/, `,role="${role}"}`) : `${name}{role="${role}"}`
