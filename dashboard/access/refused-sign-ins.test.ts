import { expect, test } from 'vitest'
import { RefusedSignIns } from './refused-sign-ins.ts'

const NOW = 1_764_000_000_000

test('a few refused sign-ins are in the audit one by one, ten thousand as thirty and their number', () => {
  const refused = new RefusedSignIns()
  const entries = Array.from({ length: 10_000 }, (_, i) => refused.refused('anna', `10.0.0.${i % 9}`, NOW + i)).flat()
  expect(entries).toHaveLength(30)
  expect(entries[0]).toEqual({
    at: NOW,
    actor: '',
    action: 'session.refused',
    target: 'anna',
    detail: '{"address":"10.0.0.0"}',
  })
  const summary = refused.summary(NOW + 11 * 60_000)
  expect(summary).toMatchObject([{ action: 'session.refused', target: '', detail: `{"more":9970,"since":${NOW}}` }])
  expect(refused.summary(NOW + 22 * 60_000)).toEqual([])
})
