import type { Responder, Staff } from '../../contract/homes.ts'
import { fraction } from '../random.ts'
import type { City } from './city.ts'
import { COUNTIES } from './county-table.ts'

/** Invented people who look after the demo's homes, and who come when they call. No name and no number is anybody's. */

const NAMES = ['赵敏', '钱进', '孙丽', '李伟', '周芳', '吴强', '郑洁', '王磊', '冯静', '陈刚', '褚霞', '卫平']
const METRES_PER_DEGREE = 111_320

const SHIFTS: readonly Pick<Staff, 'duty' | 'from' | 'to' | 'days'>[] = [
  { duty: 'control-room', from: '08:00', to: '20:00', days: [] },
  { duty: 'control-room', from: '20:00', to: '08:00', days: [] },
  { duty: 'carer', from: '07:00', to: '19:00', days: [] },
  { duty: 'carer', from: '07:00', to: '19:00', days: [1, 2, 3, 4, 5] },
  { duty: 'carer', from: '19:00', to: '07:00', days: [] },
  { duty: 'safety-manager', from: '08:30', to: '17:30', days: [1, 2, 3, 4, 5] },
  { duty: 'director', from: '08:30', to: '17:30', days: [1, 2, 3, 4, 5] },
]

/** Numbers that no exchange gives out. */
const phone = (n: number): string => `0635-001${String(n).padStart(4, '0')}`

/** Every home is staffed day and night. */
export function staffOf(city: City, seed: number): readonly Staff[] {
  return city.homes.flatMap((home, h) =>
    SHIFTS.map((shift, s) => {
      const n = h * SHIFTS.length + s
      const name = NAMES[Math.floor(fraction(seed, 7000 + n, 1) * NAMES.length)] ?? ''
      return { id: `demo-staff-${n + 1}`, placeId: home.id, name, phone: phone(n), ...shift, days: [...shift.days] }
    }),
  )
}

/** A post in every county town and one in its first village, a hospital, cadres; a micro station at every second home. */
export function respondersOf(city: City, seed: number): readonly Responder[] {
  const responders: Omit<Responder, 'id' | 'phone'>[] = []
  const near = ([lon, lat]: readonly [number, number], n: number): { lon: number; lat: number } => ({
    lon: lon + (800 * (fraction(seed, n, 91) - 0.5)) / METRES_PER_DEGREE,
    lat: lat + (800 * (fraction(seed, n, 92) - 0.5)) / METRES_PER_DEGREE,
  })
  for (const [c, { name, town, villages }] of COUNTIES.entries()) {
    responders.push({ kind: 'fire-post', name: `${name}消防救援站`, ...near(town, c), serves: null, engines: 5 })
    responders.push({ kind: 'hospital', name: `${name}人民医院`, ...near(town, 50 + c), serves: null, engines: 0 })
    const [first] = villages
    if (first !== undefined)
      responders.push({
        kind: 'fire-post',
        name: `${first.name}乡镇消防站`,
        ...near(first.at, 100 + c),
        serves: null,
        engines: 2,
      })
    for (const [v, village] of villages.entries())
      responders.push({
        kind: 'cadre',
        name: `${village.name}村干部`,
        ...near(village.at, 200 + c * 10 + v),
        serves: null,
        engines: 0,
      })
  }
  const [seat] = COUNTIES
  if (seat !== undefined)
    responders.push({ kind: 'team', name: '市消防救援支队特勤队', ...near(seat.town, 300), serves: null, engines: 12 })
  const places = new Map(city.places.map((place) => [place.id, place]))
  for (const [h, home] of city.homes.entries()) {
    const place = places.get(home.id)
    if (place === undefined || place.lon === null || place.lat === null) continue
    if (h % 2 === 0)
      responders.push({
        kind: 'micro-station',
        name: `${home.name}旁微型消防站`,
        ...near([place.lon, place.lat], 400 + h),
        serves: null,
        engines: 0,
      })
    responders.push({
      kind: 'neighbour',
      name: `${home.name}隔壁商铺`,
      lon: null,
      lat: null,
      serves: home.id,
      engines: 0,
    })
  }
  for (const { id, kind } of city.places)
    if (kind === 'dwelling') {
      responders.push({ kind: 'neighbour', name: '邻居', lon: null, lat: null, serves: id, engines: 0 })
      responders.push({ kind: 'family', name: '女儿', ...near(seat?.town ?? [116, 36], 500), serves: id, engines: 0 })
    }
  return responders.map((one, i) => ({ id: `demo-responder-${i + 1}`, phone: phone(5000 + i), ...one }))
}
