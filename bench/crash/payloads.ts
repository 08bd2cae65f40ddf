import { oneOf } from '../random.ts'

/** Readings of one device to be said in one message; a gap is null and needs the series form. */
export interface Said {
  /** ms since 1970, `stepMs` apart. */
  readonly from: number
  readonly stepMs: number
  /** One per time; null: no reading. */
  readonly values: readonly (Readonly<Record<string, number | boolean>> | null)[]
}

/** Any payload form of the contract that can say it (without "now": a reading must be known again by its time). */
export function payloadOf(said: Said, random: () => number): unknown {
  const stamped = said.values.flatMap((values, i) =>
    values === null ? [] : [{ ts: said.from + i * said.stepMs, values }],
  )
  const forms: (() => unknown)[] = [() => stamped, () => senml(stamped)]
  if (stamped.length === 1) forms.push(() => stamped[0])
  if (said.values.length > 1) forms.push(() => series(said))
  return oneOf(random, forms)()
}

type Stamped = { readonly ts: number; readonly values: Readonly<Record<string, number | boolean>> }

function series({ from, stepMs, values }: Said): unknown {
  const names = new Set(values.flatMap((each) => (each === null ? [] : Object.keys(each))))
  const columns = Array.from(names, (name) => [name, values.map((each) => each?.[name] ?? null)] as const)
  return { ts: from, step: stepMs, values: Object.fromEntries(columns) }
}

/** RFC 8428: seconds, relative to a base time. */
function senml(stamped: readonly Stamped[]): unknown {
  const base = stamped[0]?.ts ?? 0
  const entries = stamped.flatMap(({ ts, values }) =>
    Object.entries(values).map(([n, value]) => ({
      n,
      t: (ts - base) / 1000,
      ...(typeof value === 'boolean' ? { vb: value } : { v: value }),
    })),
  )
  return entries.map((entry, i) => (i === 0 ? { bt: base / 1000, ...entry } : entry))
}
