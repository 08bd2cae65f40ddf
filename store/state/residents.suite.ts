import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Resident } from '../../contract/residents.ts'
import type { Residents } from './residents-port.ts'
import { Bench, type StateUnderTest } from './state-under-test.ts'

/** What every store of residents must hold. */
export function residentsSuite(name: string, make: () => StateUnderTest): void {
  const bench = new Bench(make)
  describe(`residents (${name})`, () => {
    let residents: Residents
    beforeEach(() => {
      residents = bench.keep(bench.state.residents())
    })
    afterEach(() => bench.clear())
    const resident = (id: string, placeId: string): Resident => ({
      id,
      placeId,
      name: '王桂英',
      room: '201-2',
      relativePhone: null,
      health: ['bedridden', 'oxygen'],
      note: '左侧偏瘫',
    })

    test('a resident is kept whole, and replaced when the home says something new', async () => {
      await residents.put([resident('r1', 'home-1')])
      expect(await residents.find('r1')).toEqual(resident('r1', 'home-1'))
      const moved = { ...resident('r1', 'home-2'), relativePhone: '0635-0001', health: [] }
      await residents.put([moved])
      expect(await residents.find('r1')).toEqual(moved)
      expect(await residents.find('nobody')).toBeUndefined()
    })

    test('those of a place and its rooms are listed in pages', async () => {
      await residents.put(['r1', 'r2', 'r3'].map((id) => resident(id, id === 'r3' ? 'room-9' : 'room-1')))
      const ids = async (...args: Parameters<Residents['at']>): Promise<string[]> =>
        (await residents.at(...args)).map((one) => one.id)
      expect(await ids(['room-1', 'room-2'], '', 10)).toEqual(['r1', 'r2'])
      expect(await ids(['room-1', 'room-9'], 'r1', 1)).toEqual(['r2'])
      expect(await ids([], '', 10)).toEqual([])
      expect(await residents.count(['room-1', 'room-9'])).toBe(3)
      expect(await residents.countByPlace(['room-9', 'room-0'])).toEqual(new Map([['room-9', 1]]))
      expect(await residents.countByPlace()).toEqual(
        new Map([
          ['room-1', 2],
          ['room-9', 1],
        ]),
      )
    })

    test('who has moved away is gone', async () => {
      await residents.put([resident('r1', 'home-1')])
      expect(await residents.remove('r1')).toBe(true)
      expect(await residents.remove('r1')).toBe(false)
      expect(await residents.find('r1')).toBeUndefined()
    })
  })
}
