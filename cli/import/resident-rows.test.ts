import { expect, test } from 'vitest'
import { parseCsv } from '../../store/import/csv.ts'
import { readHeader } from '../../store/import/header.ts'
import { RESIDENT_COLUMNS } from './columns.ts'
import { readResidentRows } from './resident-rows.ts'

function read(table: string) {
  const [head, ...rows] = parseCsv(table)
  const header = readHeader(head?.cells ?? [], RESIDENT_COLUMNS, ['id', 'place', 'name'])
  expect(header.faults).toEqual([])
  return readResidentRows(rows, header.at, (id) => id === 'home-1')
}

test('a home’s own list is read with its Chinese titles and words', () => {
  const { residents, faults } = read(
    '编号,机构,姓名,床位,家属电话,救援须知,备注\nY-001,home-1,王桂英,201-2,0635-8231234,卧床、吸氧,左侧偏瘫\nY-002,home-1,李国强,202-1,,,\n',
  )
  expect(faults).toEqual([])
  expect(residents).toEqual([
    {
      id: 'Y-001',
      placeId: 'home-1',
      name: '王桂英',
      room: '201-2',
      relativePhone: '0635-8231234',
      health: ['bedridden', 'oxygen'],
      note: '左侧偏瘫',
    },
    { id: 'Y-002', placeId: 'home-1', name: '李国强', room: '202-1', relativePhone: null, health: [], note: '' },
  ])
})

test('needs are understood by their codes and in English too, each once', () => {
  const { residents } = read('id,place,name,health\n1,home-1,A,"cannotWalk; Dementia, dementia|On oxygen"\n')
  expect(residents[0]?.health).toEqual(['cannotWalk', 'dementia', 'oxygen'])
})

test('a bad row costs that row only, and each fault says what to do', () => {
  const { residents, faults } = read(
    [
      'id,place,name,relative_phone,health',
      '1,home-1,Anna,,',
      ',home-1,Bo,,',
      '3,home-9,Carl,,',
      '4,home-1,,call me,levitates',
      '1,home-1,Again,,',
      '=1+1,home-1,Dora,,',
    ].join('\n'),
  )
  expect(residents.map((resident) => resident.name)).toEqual(['Anna'])
  expect(faults.map(({ line, column }) => `${line} ${column}`)).toEqual([
    '3 id',
    '4 place',
    '5 name',
    '5 relative_phone',
    '5 health',
    '6 id',
    '7 id',
  ])
  expect(faults.find((fault) => fault.column === 'place')?.reason).toContain('place add home-9')
  expect(faults.find((fault) => fault.column === 'health')?.reason).toContain('bedridden (卧床)')
})
