/** One line of Prometheus' text format: its full name with labels, and its value. */
export interface Sample {
  /** For example `gate_accepted_total{lane="bulk"}`, without the `hydrant_` prefix. */
  readonly name: string
  readonly value: number
}

const PREFIX = 'hydrant_'
/** What Prometheus allows as a metric's name, with or without labels. */
const WELL_FORMED = /^[a-zA-Z_:][a-zA-Z0-9_:]*(\{.*\})?$/

/** Prometheus' text exposition format 0.0.4: every family together, under one TYPE line. */
export function exposition(samples: readonly Sample[]): string {
  const histograms = new Set(
    samples.filter((sample) => metricOf(sample).endsWith('_bucket')).map((sample) => withoutSuffix(metricOf(sample))),
  )
  const families = new Map<string, { readonly type: string; readonly lines: string[] }>()
  for (const sample of samples) {
    if (!WELL_FORMED.test(sample.name)) continue
    const metric = metricOf(sample)
    const base = withoutSuffix(metric)
    const isHistogram = histograms.has(base)
    const family = isHistogram ? base : metric
    const type = isHistogram ? 'histogram' : metric.endsWith('_total') ? 'counter' : 'gauge'
    const known = families.get(family) ?? { type, lines: [] }
    known.lines.push(`${PREFIX}${sample.name} ${number(sample.value)}`)
    families.set(family, known)
  }
  return [...families]
    .map(([family, { type, lines }]) => `# TYPE ${PREFIX}${family} ${type}\n${lines.join('\n')}\n`)
    .join('')
}

const metricOf = (sample: Sample): string => sample.name.replace(/\{.*$/s, '')
const withoutSuffix = (metric: string): string => metric.replace(/_(bucket|sum|count)$/, '')

function number(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value)
}
