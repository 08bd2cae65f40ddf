import type { ReactNode } from 'react'
import type { HistoryBucket } from '../../../../contract/api.ts'
import { get, queryOf } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { useText } from '../i18n/text.ts'
import { Age } from '../shell/Age.tsx'
import { Link } from '../shell/Link.tsx'
import { serverNow } from '../store/console.ts'
import { InstrumentMark } from './InstrumentLine.tsx'
import { figureOf, type Instrument, limitWords, standsStill, stateOf } from './instrument-state.ts'
import { Sparkline } from './Sparkline.tsx'

const DAY_MS = 86_400_000
const POINTS = 96

/** One value with its limit, its age and its day. */
export function InstrumentCard({ instrument }: { readonly instrument: Instrument }): ReactNode {
  const { t } = useText()
  const { deviceId, name, quantity, role, unit, value, at } = instrument
  const { data } = useAnswer(`${deviceId} ${quantity} ${at ?? 0}`, async (signal) => {
    const to = Math.ceil(serverNow())
    const from = to - DAY_MS
    const query = queryOf({ quantity, from, to, points: POINTS })
    const { buckets } = await get<{ readonly buckets: readonly HistoryBucket[] }>(
      `/api/devices/${encodeURIComponent(deviceId)}/history${query}`,
      signal,
    )
    return { from, to, buckets }
  })
  const state = stateOf(instrument)
  // Only what should move and is heard of can be said to stand still.
  const isStill = data !== undefined && state !== 'none' && state !== 'stale' && standsStill(role, data.buckets)
  return (
    <div className={`instrument instrument-${isStill ? 'still' : state}`}>
      <div className="instrument-head">
        <h3>{t(`plant.role.${role}`)}</h3>
        {state === 'unlimited' && !isStill ? null : <InstrumentMark state={isStill ? 'still' : state} />}
      </div>
      <p className="instrument-value">
        <strong>{value === null ? '–' : figureOf(value)}</strong> {unit === 'pH' ? null : <span>{unit}</span>}
        {at === null ? null : (
          <small className="quiet">
            <Age at={at} />
          </small>
        )}
      </p>
      <p className="quiet instrument-limit">{limitWords(instrument, t)}</p>
      {data === undefined ? null : <Sparkline instrument={instrument} {...data} />}
      <p className="instrument-name">
        <Link to={{ page: 'device', id: deviceId }}>{name}</Link>
      </p>
    </div>
  )
}
