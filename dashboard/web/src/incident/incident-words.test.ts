import { expect, test } from 'vitest'
import { sampleIncident } from '../store/sample-incident.ts'
import { placeOfIncident } from './incident-words.ts'

const whatOf = (facts: Parameters<typeof sampleIncident>[0]): string =>
  placeOfIncident(sampleIncident({ sources: [], ...facts }), new Map(), new Map(), (key, fill) =>
    [key, ...Object.values(fill ?? {})].join(' '),
  ).what

test('a control room that did not answer is named by its home, not by a code', () => {
  expect(whatOf({ kind: 'duty', cell: 'duty:home-7' })).toBe('')
})

test('an outage is named by what its devices have in common', () => {
  expect(whatOf({ kind: 'outage', cell: 'gateway:gw-3' })).toBe('gw-3')
  expect(whatOf({ kind: 'outage', cell: 'cell:1234' })).toBe('incident.cause.cell 1234')
  expect(whatOf({ kind: 'outage', cell: 'village:v1' })).toBe('')
})
