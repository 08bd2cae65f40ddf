import { type AlarmType, severityRank } from '../contract/alarms.ts'
import type { Finding } from './detectors/detector.ts'

/** One condition, from its first finding to its last. */
interface Told {
  readonly since: number
  /** The last that was said of it while it held (or when it was told as missed). */
  readonly last: Finding
  /** The finding that ended it. */
  readonly end?: Finding
}

/** What a person knows after these findings, by type, oldest first. */
function tell(findings: readonly Finding[]): ReadonlyMap<AlarmType, readonly Told[]> {
  const told = new Map<AlarmType, Told[]>()
  for (const finding of findings) {
    const list = told.get(finding.type) ?? []
    told.set(finding.type, list)
    const since = finding.since ?? finding.at
    const open = list.findLastIndex(({ end }) => end === undefined)
    if (finding.active) {
      if (open < 0) list.push({ since, last: finding })
      else list[open] = { since, last: finding }
    } else if (finding.missed === true || open < 0) list.push({ since, last: finding, end: finding })
    else list[open] = { ...list[open]!, end: finding }
  }
  return told
}

/**
 * What has to be said so that who heard `before` knows what `now` says: raised late, sized anew, over, or withdrawn. Both
 * are of the same device and the same beginning; `now` has seen readings that `before` had not.
 */
export function restate(before: readonly Finding[], now: readonly Finding[], at: number): readonly Finding[] {
  const knew = tell(before)
  const knows = tell(now)
  return [...new Set([...knew.keys(), ...knows.keys()])].flatMap((type) =>
    restateType(knew.get(type) ?? [], knows.get(type) ?? [], at),
  )
}

function restateType(before: readonly Told[], now: readonly Told[], at: number): readonly Finding[] {
  const left = new Set(before)
  const said: Finding[] = []
  const pairs = now.map((one) => {
    const same = [...left].find((other) => isSame(one, other)) ?? best(one, left)
    if (same !== undefined) left.delete(same)
    return [same, one] as const
  })
  for (const gone of left) said.push(withdrawn(gone, now, at))
  for (const [knew, one] of pairs) if (knew === undefined || !isSame(one, knew)) said.push(...sayAgain(knew, one))
  return said
}

/** Of what is over only the facts count; of what holds also the evidence, which a person reads now. */
const key = ({ since, last, end }: Told): string =>
  JSON.stringify(end === undefined ? [since, last] : [since, last.value, last.severity, last.test, end.at])
const isSame = (a: Told, b: Told): boolean => key(a) === key(b)

/**
 * The condition that this one was told as: one of the same beginning (one may end in the hour in which the next begins), else one
 * that holds, else one of the same time.
 */
function best(one: Told, left: ReadonlySet<Told>): Told | undefined {
  const near = [...left].filter((other) => overlap(one, other))
  return near.find(({ since }) => since === one.since) ?? near.find(({ end }) => end === undefined) ?? near[0]
}

const endOf = ({ end }: Told): number => end?.at ?? Number.POSITIVE_INFINITY
const overlap = (a: Told, b: Told): boolean => a.since <= endOf(b) && b.since <= endOf(a)

function sayAgain(knew: Told | undefined, { since, last, end }: Told): readonly Finding[] {
  const restates = knew === undefined ? {} : { restates: knew.since }
  if (end === undefined) return [{ ...last, ...(knew?.since === since && knew.end === undefined ? {} : restates) }]
  const isNew = knew === undefined || knew.since !== since || knew.last.value !== last.value
  // It held when it was last spoken of: its size is said before its end is.
  if (knew !== undefined && knew.end === undefined)
    return isNew && last.active ? [{ ...last, ...restates }, end] : [{ ...end, ...(last.active ? {} : restates) }]
  const missed: Finding = {
    ...last,
    active: false,
    missed: true,
    at: end.at,
    ...(since < end.at ? { since } : {}),
    // It became worse in the upload in which it ended.
    ...worse(last, end),
    ...restates,
  }
  if (last.missed === true) return [missed]
  return [
    {
      ...missed,
      reason: `Known only afterwards; ${last.reason.charAt(0).toLowerCase()}${last.reason.slice(1)}`,
      reasonZh: `事后得知;${last.reasonZh}`,
    },
  ]
}

const worse = ({ severity: last }: Finding, { severity: end }: Finding): Pick<Finding, 'severity'> =>
  last !== undefined && end !== undefined && severityRank(end) < severityRank(last) ? { severity: end } : {}

/** Of what was told and is not so. What is over stays over. */
function withdrawn({ since, last, end }: Told, now: readonly Told[], at: number): Finding {
  const part = now.some((one) => one.since <= (end?.at ?? at) && since <= endOf(one))
  return {
    type: last.type,
    active: false,
    at: Math.max(at, last.at),
    ...(since < Math.max(at, last.at) ? { since } : {}),
    value: null,
    threshold: null,
    unit: null,
    reason: part
      ? 'Restated: readings that came later show that it was part of a longer one'
      : 'Restated: readings that came later show that it was not so',
    reasonZh: part ? '更正:补传数据表明属于同一次事件' : '更正:补传数据表明并未发生',
    restates: since,
    withdrawn: true,
    ...(end === undefined ? {} : { missed: true }),
  }
}
