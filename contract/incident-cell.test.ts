import { expect, test } from 'vitest'
import { incidentCell, readCell } from './incident-cell.ts'

test('what devices have in common is read as it was written, whatever they are called', () => {
  expect(readCell(incidentCell('device', 'a:b'))).toEqual({ kind: 'device', id: 'a:b' })
  expect(readCell(incidentCell('cell', 1234))).toEqual({ kind: 'cell', id: '1234' })
})

test('an incident that is in a home has nothing else in common', () => {
  expect(readCell(null)).toBeUndefined()
  expect(readCell('moon:1')).toBeUndefined()
})
