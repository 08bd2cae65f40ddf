import type { Actor, Hazard, HazardAction, HazardVerdict } from '../../contract/hazards.ts'
import type { City } from './city.ts'

/** A handful of invented hazards in the demo's homes, in every state that one can be in. */

const DAY_MS = 86_400_000

const BRIGADE: Actor = { name: '消防检查员', role: 'fire' }
const CARE: Actor = { name: '民政督导员', role: 'care' }
const CENTRE: Actor = { name: '回访坐席', role: 'dispatcher' }

export interface PastHazard {
  readonly found: Hazard
  readonly by: Actor
  /** What was done about it since, oldest first. */
  readonly done: readonly { readonly action: HazardAction; readonly by: Actor; readonly at: number }[]
}

const claim = (comment: string): HazardAction => ({ type: 'claim', comment })
const judge = (verdict: HazardVerdict, agreed: boolean, reason = ''): HazardAction => ({
  type: 'judge',
  verdict,
  agreed,
  reason,
})

interface Story {
  readonly home: number
  readonly place: string
  readonly kind: Hazard['kind']
  readonly description: string
  readonly foundDaysAgo: number
  /** Negative: it is overdue. */
  readonly dueInDays: number
  readonly done?: readonly (readonly [daysAgo: number, by: Actor, action: HazardAction])[]
}

const STORIES: readonly Story[] = [
  {
    home: 0,
    place: 'f2-corridor',
    kind: 'blocked-exit',
    description: '二楼东侧疏散通道堆放轮椅和被褥,通行宽度不足',
    foundDaysAgo: 9,
    dueInDays: -2,
  },
  {
    home: 0,
    place: 'f1-kitchen',
    kind: 'wiring',
    description: '厨房插座超负荷,电线未穿管',
    foundDaysAgo: 20,
    dueInDays: 3,
    done: [
      [6, CARE, claim('已更换线路')],
      [5, CARE, judge('put-right', true)],
      [4, BRIGADE, judge('standard', false, '仍有一段电线未穿管')],
    ],
  },
  {
    home: 2,
    place: 'f3-corridor',
    kind: 'extinguisher',
    description: '三楼两具灭火器已过有效期',
    foundDaysAgo: 12,
    dueInDays: 5,
    done: [
      [2, CARE, claim('已换新')],
      [1, CARE, judge('put-right', true)],
    ],
  },
  {
    home: 4,
    place: 'f1-pump',
    kind: 'low-water',
    description: '最不利点消火栓静压 0.07 MPa',
    foundDaysAgo: 3,
    dueInDays: 11,
  },
  {
    home: 5,
    place: 'f1-hall',
    kind: 'foam-panel',
    description: '门厅加建部分为泡沫夹芯彩钢板',
    foundDaysAgo: 40,
    dueInDays: -10,
  },
  {
    home: 7,
    place: 'f2-204',
    kind: 'detector',
    description: '204 房感烟探测器被防尘罩遮挡',
    foundDaysAgo: 15,
    dueInDays: -8,
    done: [
      [11, CARE, claim('已取下防尘罩并试验')],
      [10, CARE, judge('put-right', true)],
      [10, BRIGADE, judge('standard', true)],
      [9, CENTRE, judge('people', true, '家属电话回访满意')],
    ],
  },
]

export function hazardsOf(city: City, now: number): readonly PastHazard[] {
  return STORIES.flatMap(({ home, place, kind, description, foundDaysAgo, dueInDays, done = [] }, i) => {
    const where = city.homes[home]
    if (where === undefined) return []
    const foundAt = now - foundDaysAgo * DAY_MS
    const found: Hazard = {
      id: `hz-demo-${i + 1}`,
      placeId: `${where.id}-${place}`,
      kind,
      description,
      owner: `${where.name}消防安全管理人`,
      dueAt: now + dueInDays * DAY_MS,
      foundAt,
      foundBy: BRIGADE.name,
      state: 'open',
      verdicts: {},
      refusals: 0,
      closedAt: null,
      photographs: [],
    }
    const steps = done.map(([daysAgo, by, action]) => ({ action, by, at: now - daysAgo * DAY_MS }))
    return [{ found, by: BRIGADE, done: steps }]
  })
}
