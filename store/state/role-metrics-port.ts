export interface RoleMetric {
  readonly role: 'broker' | 'ingest' | 'dashboard'
  /** Prometheus name without the `hydrant_` prefix, with labels as they are to be printed: `gate_accepted_total{lane="bulk"}`. */
  readonly name: string
  readonly value: number
  readonly at: number
}

/** Each role publishes its figures here about once a second; the dashboard prints them all at /metrics. */
export interface RoleMetrics {
  publish(role: RoleMetric['role'], at: number, values: Readonly<Record<string, number>>): Promise<void>
  close(): Promise<void>
}
