import { type ReactNode, useMemo } from 'react'
import type uPlot from 'uplot'
import { nightFrom, weighedM3h } from '../../../../contract/repair-verdict.ts'
import type { OrderDetail } from '../../../../contract/work-order-api.ts'
import type { ZoneNight } from '../../../../contract/zones.ts'
import { useText } from '../i18n/text.ts'
import type { Plot } from './plot.ts'
import { flowWords, nightDay, nightWords } from './water-words.ts'
import { ZoneChart } from './ZoneChart.tsx'

const DAY_S = 86_400
const SECOND_MS = 1000
const LABEL_PX = 12
/** Between what was lost before and what is after, where nothing is drawn. */
const LABEL_AT = 0.45

/** Only the inflow is measured: what is weighed is what ran in beyond the usual. */
const isInflow = ({ lossM3h, nightM3h }: ZoneNight): boolean => lossM3h === null && nightM3h !== null

const isJudged = ({ verdict }: ZoneNight): boolean => verdict !== 'not-judged'

/** The zone's nights before and after the repair, with the claim and the line a night must stay below. */
export function OrderNights({ order }: { readonly order: OrderDetail }): ReactNode {
  const { t } = useText()
  const { nights, check, claim, m3h } = order
  const repairedAt = claim?.repairedAt ?? null
  const enough = check === null || check.beforeM3h === null ? null : check.beforeM3h - m3h / 2
  const plot = useMemo<Plot | null>(() => {
    const first = nights[0]
    const last = nights.at(-1)
    if (first === undefined || last === undefined) return null
    const of = (wanted: (night: ZoneNight) => boolean) =>
      nights.map((night) => (wanted(night) ? weighedM3h(night) : null))
    const isAfter = ({ day }: ZoneNight): boolean => repairedAt !== null && nightFrom(day) >= repairedAt
    return {
      from: (first.day - 1) * DAY_S,
      to: (Math.max(last.day, Math.floor((repairedAt ?? 0) / SECOND_MS / DAY_S)) + 1) * DAY_S,
      data: [
        nights.map(({ day }) => day * DAY_S),
        of((night) => isJudged(night) && !isAfter(night)),
        of((night) => isJudged(night) && isAfter(night)),
        of((night) => !isJudged(night)),
        nights.map(() => enough),
      ],
      series: (colour) => {
        const line = (stroke: string): uPlot.Series => ({
          stroke,
          width: 2,
          points: { show: true, size: 6, fill: stroke, stroke },
        })
        return [
          line(colour('--loss')),
          line(colour('--good')),
          {
            stroke: 'transparent',
            width: 0,
            points: { show: true, size: 7, stroke: colour('--text-2'), fill: colour('--panel'), width: 1.6 },
          },
          { stroke: colour('--text-2'), width: 1.5, dash: [6, 4], points: { show: false } },
        ]
      },
      paint: (u, colour) =>
        repairedAt === null ? undefined : paintClaim(u, repairedAt, colour('--text'), t('order.key.claimed')),
      say: (index) => {
        const night = nights[index]
        if (night === undefined) return ''
        const beyond = isInflow(night) ? weighedM3h(night) : null
        const flow = beyond === null ? nightWords(night) : t('order.beyond', { flow: flowWords(beyond) })
        const words = `${nightDay(night.day)} · ${flow}`
        return isJudged(night) ? words : `${words} · ${t('order.key.notJudged')}`
      },
      least: m3h,
    }
  }, [nights, m3h, repairedAt, enough, t])
  const title = t(nights.some(isInflow) ? 'order.nightsInflow' : 'order.nights')
  return (
    <ZoneChart
      title={title}
      summary={plot === null ? t('order.noNights') : `${title} (m³/h): ${plot.say(nights.length - 1)}`}
      plot={plot}
      empty={t('order.noNights')}
      legend={
        <>
          <span>
            <i className="key-line key-lost" />
            {t('order.key.before')} m³/h
          </span>
          {repairedAt === null ? null : (
            <>
              <span>
                <i className="key-line key-used" />
                {t('order.key.after')}
              </span>
              <span>
                <i className="key-line key-enough" />
                {t('order.key.enough')}
              </span>
            </>
          )}
          <span>
            <i className="key-hollow" />
            {t('order.key.notJudged')}
          </span>
        </>
      }
    />
  )
}

/** When it was repaired, as it was claimed. */
function paintClaim(u: uPlot, at: number, ink: string, word: string): void {
  const { ctx, bbox } = u
  const ratio = devicePixelRatio
  const x = u.valToPos(at / SECOND_MS, 'x', true)
  if (x < bbox.left || x > bbox.left + bbox.width) return
  ctx.save()
  ctx.strokeStyle = ink
  ctx.fillStyle = ink
  ctx.lineWidth = 1.5 * ratio
  ctx.font = `${LABEL_PX * ratio}px system-ui, sans-serif`
  ctx.textBaseline = 'top'
  ctx.textAlign = 'left'
  ctx.beginPath()
  ctx.moveTo(x, bbox.top)
  ctx.lineTo(x, bbox.top + bbox.height)
  ctx.stroke()
  const width = ctx.measureText(word).width
  const beyond = x + width + 6 * ratio > bbox.left + bbox.width
  ctx.fillText(word, beyond ? x - width - 4 * ratio : x + 4 * ratio, bbox.top + bbox.height * LABEL_AT)
  ctx.restore()
}
