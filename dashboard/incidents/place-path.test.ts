import { expect, test } from 'vitest'
import { placePathOf } from './place-path.ts'

const desk = {
  places: { path: (id: string | null) => (id === 'kitchen' ? ['东昌府区', '阳光养老院', '厨房'] : []) },
  fleet: { get: (id: string) => (id === 'p2' ? { name: '二号楼消控室' } : undefined) },
} as unknown as Parameters<typeof placePathOf>[0]

test('says where it burns, by the name of the panel where nobody has said in which home it hangs', () => {
  const of = (placeId: string | null, cell: string | null) => placePathOf(desk, { placeId, premisesId: null, cell })
  expect(of('kitchen', null)).toEqual(['东昌府区', '阳光养老院', '厨房'])
  expect(of(null, 'device:p2')).toEqual(['二号楼消控室'])
  expect(of(null, 'device:gone')).toEqual(['gone'])
  expect(of(null, 'village:v1')).toEqual([])
})
