import type { Resident } from '../../contract/residents.ts'
import { HEALTH_NEED_NAMES, type HealthNeed } from '../../contract/residents.ts'
import { fraction } from '../random.ts'
import type { City } from './city.ts'

/** Invented people of the demo's homes: one in every bed, one old person in every dwelling. No name is anybody's. */

const FAMILY_NAMES = ['王', '李', '张', '刘', '陈', '杨', '赵', '孙', '周', '吴', '徐', '马', '朱', '郭', '于', '高']
const GIVEN_NAMES = ['桂英', '秀兰', '玉珍', '凤英', '淑兰', '建国', '德山', '长顺', '福来', '守田', '兆荣', '春生']
/** Every third person needs nothing special; the others one or two things. */
const NEEDS_NOTHING = 1 / 3

export function residentsOf(city: City, seed: number): readonly Resident[] {
  const residents: Resident[] = []
  for (const place of city.places) {
    if (place.kind === 'dwelling') residents.push(person(residents.length, seed, place.id, ''))
    // "home-371502-1-f2-201-1" is bed 1 of room 201.
    else if (place.kind === 'bed')
      residents.push(person(residents.length, seed, place.id, place.id.split('-').slice(-2).join('-')))
  }
  return residents
}

function person(number: number, seed: number, placeId: string, room: string): Resident {
  const draw = (what: number): number => fraction(seed, 6000 + number, what)
  return {
    id: `demo-${String(number + 1).padStart(4, '0')}`,
    placeId,
    name: pick(FAMILY_NAMES, draw(1)) + pick(GIVEN_NAMES, draw(2)),
    room,
    // An exchange that gives out no such numbers.
    relativePhone: `0635-000${String(number).padStart(4, '0')}`,
    health: needs(draw),
    note: '',
  }
}

function needs(draw: (what: number) => number): HealthNeed[] {
  if (draw(3) < NEEDS_NOTHING) return []
  const first = pick(HEALTH_NEED_NAMES, draw(4))
  const second = pick(HEALTH_NEED_NAMES, draw(5))
  return draw(6) < 1 / 2 || first === second ? [first] : [first, second]
}

const pick = <T>(from: readonly T[], fraction: number): T => from[Math.floor(fraction * from.length)] as T
