import type { Alarm } from '../contract/alarms.ts'
import type { Place } from '../contract/api.ts'
import { CITY_OFFSET_MS } from '../contract/city-time.ts'
import type { ZoneNight } from '../contract/zones.ts'
import { type Rehearsal, sampleAlarm } from '../dashboard/rehearsal.ts'
import type { WaterDecision } from '../store/state/water-port.ts'

/**
 * Villages as ingest would have accounted them: one that loses water, one that does not, one that is learnt, one unmeasured, and
 * an estate of which only the inflow is measured.
 */

const HOUR_MS = 3_600_000
const DAY_HOURS = 24
const DAY_MS = DAY_HOURS * HOUR_MS
const METERS = 40
const NIGHTS = 40
const LEARNING_NIGHTS = 6
const LEARNING_DAYS = 14
/** Litres an hour: a household's use, what a village always loses, and what it has lost besides for four nights. */
const USE_L = 12
const USUAL_LOSS_L = 200
const LEAK_L = 1300
const LEAK_NIGHTS = 4
/** m³/h: what runs into the estate, and what more since its main has burst. */
const INFLOW_M3H = 9
const BURST_M3H = 0.6
const BURST_HOURS = 5

const place = (
  id: string,
  kind: Place['kind'],
  parentId: string | null,
  name: string,
  at?: [number, number],
): Place => ({
  id,
  parentId,
  kind,
  name,
  lon: at?.[0] ?? null,
  lat: at?.[1] ?? null,
  contact: null,
})

function nightOf(day: number, lossM3h: number, verdict: ZoneNight['verdict']): ZoneNight {
  const known = verdict !== 'learning'
  return {
    day,
    lossM3h,
    nightM3h: null,
    inflowM3h: 0.68 + lossM3h,
    expectedM3h: known ? 0.2 : null,
    lowM3h: known ? 0.1 : null,
    highM3h: known ? 0.35 : null,
    reported: 0.975,
    bulkReported: 1,
    verdict,
    judgedAt: day * DAY_MS,
  }
}

/** Registers places, meters, accounts and alarms. @param now ms since 1970 */
export async function seedVillages(stage: Rehearsal, now: number): Promise<void> {
  await stage.stores.registry.putPlaces([
    place('c-dcf', 'county', null, '东昌府区'),
    place('t-liangshui', 'township', 'c-dcf', '梁水镇'),
    place('v-wang', 'village', 't-liangshui', '王庄', [115.83, 36.56]),
    place('v-li', 'village', 't-liangshui', '李家寨', [115.9, 36.6]),
    place('v-liu', 'village', 't-liangshui', '后刘', [115.87, 36.5]),
    place('v-zhang', 'village', 't-liangshui', '张集', [115.8, 36.62]),
    place('v-estate', 'village', 't-liangshui', '东郊工业园', [115.94, 36.53]),
    place('w-wang-1', 'well', 'v-wang', '王庄1号表井'),
    place('w-wang-2', 'well', 'v-wang', '王庄2号表井'),
  ])
  const meter = (id: string, placeId: string, name: string) => ({ id, kind: 'water-meter' as const, placeId, name })
  const bulk = (id: string, placeId: string, name: string) => ({ id, kind: 'bulk-meter' as const, placeId, name })
  await stage.addDevices(
    meter('meter-wang-1', 'w-wang-1', '王桂兰家'),
    meter('meter-wang-2', 'w-wang-1', '李秀英家'),
    meter('meter-wang-3', 'w-wang-2', '张建国家'),
    meter('meter-li-1', 'v-li', '陈志强家'),
    meter('meter-liu-1', 'v-liu', '杨淑芬家'),
    meter('meter-zhang-1', 'v-zhang', '赵国庆家'),
    bulk('bulk-wang', 'v-wang', '王庄总表'),
    bulk('bulk-li', 'v-li', '李家寨总表'),
    bulk('bulk-liu', 'v-liu', '后刘总表'),
    bulk('bulk-estate', 'v-estate', '东郊工业园总表'),
  )
  const today = Math.floor((now + CITY_OFFSET_MS) / DAY_MS)
  const lastHour = Math.floor(now / HOUR_MS)
  const firstHour = lastHour - NIGHTS * DAY_HOURS
  const leakFrom = (today - LEAK_NIGHTS + 1) * DAY_HOURS - CITY_OFFSET_MS / HOUR_MS
  const hours: WaterDecision['hours'][number][] = []
  const nights: WaterDecision['nights'][number][] = []
  for (const zone of ['v-wang', 'v-li', 'v-liu']) {
    const leaks = zone === 'v-wang'
    for (let hour = firstHour; hour < lastHour; hour++)
      hours.push({
        zone,
        hour,
        householdL: USE_L * METERS,
        inflowL: USE_L * METERS + USUAL_LOSS_L + (leaks && hour >= leakFrom ? LEAK_L : 0),
        householdKnownMs: METERS * HOUR_MS,
        householdMeasuredMs: METERS * HOUR_MS,
        bulkMeasuredMs: HOUR_MS,
      })
    const first = zone === 'v-liu' ? today - LEARNING_NIGHTS + 2 : today - NIGHTS + 2
    for (let day = first; day <= today; day++) {
      const learning = day < first + LEARNING_NIGHTS
      const lost = leaks && day > today - LEAK_NIGHTS
      const loss = USUAL_LOSS_L / 1000 + (lost ? LEAK_L / 1000 : 0)
      nights.push({ zone, ...nightOf(day, loss, learning ? 'learning' : lost ? 'loss' : 'quiet') })
    }
  }
  for (let hour = firstHour; hour < lastHour; hour++) {
    const inflowL = 1000 * (INFLOW_M3H + (hour >= lastHour - BURST_HOURS ? BURST_M3H : 0))
    const unmetered = { householdL: 0, householdKnownMs: 0, householdMeasuredMs: 0 }
    hours.push({ zone: 'v-estate', hour, inflowL, ...unmetered, bulkMeasuredMs: HOUR_MS })
  }
  for (let day = today - NIGHTS + 2; day <= today; day++) {
    const isLearnt = day >= today - NIGHTS + 2 + LEARNING_DAYS
    nights.push({
      ...{ zone: 'v-estate', day, lossM3h: null, nightM3h: INFLOW_M3H, inflowM3h: INFLOW_M3H, judgedAt: day * DAY_MS },
      ...{ expectedM3h: isLearnt ? INFLOW_M3H : null, lowM3h: isLearnt ? 8.5 : null, highM3h: isLearnt ? 9.5 : null },
      ...{ reported: 1, bulkReported: 1, verdict: isLearnt ? 'quiet' : 'learning' },
    })
  }
  const accounted = ['v-wang', 'v-li', 'v-liu', 'v-estate']
  await stage.decide({
    sightings: ['meter-wang-1', 'bulk-wang'].map((deviceId) => ({ deviceId, lastHeardAt: now - HOUR_MS })),
    water: {
      meters: new Map(),
      hours,
      counts: [
        ...['v-wang', 'v-li', 'v-liu'].map((zone) => ({
          ...{ zone, part: 'household' as const, hour: firstHour, change: METERS },
        })),
        ...accounted.map((zone) => ({ zone, part: 'in' as const, hour: firstHour, change: 1 })),
      ],
      nights,
      zoneStates: new Map(accounted.map((zone) => [zone, '{}'])),
    },
  })
  await raiseWater(stage, now, {
    id: 'z-wang',
    type: 'zoneLoss',
    placeId: 'v-wang',
    value: LEAK_L / 1000,
    unit: 'm³/h',
    reason: 'night loss 1.5 m³/h, usually 0.1–0.35 m³/h',
    reasonZh: '夜间漏损 1.5 m³/h,平时 0.1–0.35 m³/h',
  })
  await raiseWater(stage, now, {
    id: 'z-estate',
    type: 'zoneLoss',
    placeId: 'v-estate',
    raisedAt: (lastHour - BURST_HOURS) * HOUR_MS,
    value: BURST_M3H,
    unit: 'm³/h',
    severity: 'WARNING',
    reason: '0.6 m³/h more than usual runs in; 7 % of inflow; households are not metered here: it may also be use',
    reasonZh: '进水量比往常同一时段多0.6 m³/h,占进水量7%;此处户表未接入,也可能是用水增加',
  })
  await raiseWater(stage, now, {
    id: 'l-wang-2',
    type: 'leak',
    deviceId: 'meter-wang-2',
    placeId: 'w-wang-1',
    value: 14,
    unit: 'l/h',
    reason: 'never below 14 l/h for 29 h',
    reasonZh: '29 小时内流量从未低于 14 l/h',
  })
  await raiseWater(stage, now, {
    id: 'l-wang-1',
    type: 'leak',
    deviceId: 'meter-wang-1',
    placeId: 'w-wang-1',
    value: 42,
    unit: 'l/h',
    reason: 'never below 42 l/h for 31 h',
    reasonZh: '31 小时内流量从未低于 42 l/h',
  })
}

/** An alarm of the water as ingest raises it. */
export async function raiseWater(
  stage: Rehearsal,
  now: number,
  facts: Partial<Alarm> & Pick<Alarm, 'id' | 'type'>,
): Promise<void> {
  const alarm: Alarm = {
    ...sampleAlarm(facts.id, '', facts.type),
    deviceId: null,
    raisedAt: now - LEAK_NIGHTS * DAY_MS,
    noticedAt: now - HOUR_MS,
    lastAt: now,
    threshold: null,
    ...facts,
  }
  await stage.decide({
    alarms: [alarm],
    events: [{ type: 'alarm.raised', at: now, commandId: null, actor: null, alarm }],
  })
}
