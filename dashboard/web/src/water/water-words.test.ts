import { describe, expect, it } from 'vitest'
import type { ZoneRow } from '../../../../contract/water-api.ts'
import type { ZoneNight } from '../../../../contract/zones.ts'
import { en } from '../i18n/en.ts'
import type { Text } from '../i18n/text.ts'
import { zh } from '../i18n/zh.ts'
import { lossFeatures } from './loss-marks.ts'
import { standingOf, zoneSentence } from './water-words.ts'

/** What is said of a zone of which only the inflow is measured. */

const written =
  (words: Readonly<Record<string, string>>): Text =>
  (key, fill = {}) =>
    (words[key] ?? key).replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => String(fill[name]))
const NIGHT: ZoneNight = {
  ...{ day: 20_779, lossM3h: null, nightM3h: 5, inflowM3h: 8, expectedM3h: 5, lowM3h: 4.5, highM3h: 5.5 },
  ...{ reported: 1, bulkReported: 1, verdict: 'quiet', judgedAt: 1 },
}
const OPEN = {
  ...{ alarmId: 'a', since: Date.parse('2026-11-22T14:00:00+08:00'), lossM3h: 0.8 },
  ...{ lostM3: 3.2, lostYuan: 9.6, yuanPerDay: 57.6 },
}
const row = (facts: Partial<ZoneRow>): ZoneRow => ({
  ...{ id: 'park', kind: 'village', name: '工业园', path: [], lon: 116, lat: 36.5, meters: 0, onlyInflow: true },
  ...{ tonight: NIGHT, unjudged: null, tonightPercent: null, week: null, weekPercent: null },
  ...{ weekLitresPerConnectionDay: null, trend: [], trendM3h: null, open: null, workOrder: null },
  ...{ householdLeaks: 0, householdLeakLph: 0 },
  ...facts,
})

describe('a tired person at three in the morning reads', () => {
  it.each<[string, Partial<ZoneRow>, string, string]>([
    [
      'that it takes what it usually takes',
      {},
      '工业园今夜进水 5 m³/h,在平时范围内',
      '5 m³/h runs into 工业园 tonight, as it usually does (4.50–5.50 m³/h)',
    ],
    [
      'that a first night is beyond the usual, and not that it is within',
      {
        ...{ onlyInflow: false, meters: 50 },
        tonight: { ...NIGHT, lossM3h: 8.32, expectedM3h: 0.1, lowM3h: 0.08, highM3h: 0.12 },
      },
      '工业园今夜漏损 8.32 m³/h,高于平时(0.08–0.12 m³/h)',
      '工业园 loses 8.32 m³/h tonight, more than usual (0.08–0.12 m³/h)',
    ],
    [
      'that more runs in, since when, and that it may be use',
      { open: OPEN },
      '工业园自 11-22 14:00 起比平时多进水 0.8 m³/h,至今多进 3.2 m³;若是漏损,每天约 58 元。这里仅计量进水,也可能是用水增加。',
      '0.8 m³/h more than usual has run into 工业园 since 11-22 14:00: 3.2 m³ so far, about 58 yuan a day if it is lost.',
    ],
    [
      'that it is still learnt, and for how long',
      {
        unjudged: 'learning',
        tonight: { ...NIGHT, verdict: 'learning', expectedM3h: null, lowM3h: null, highM3h: null },
      },
      '需要两周同一时段的数据。今夜进水 5 m³/h',
      'two weeks of the same hours are needed. Tonight 5 m³/h',
    ],
    [
      'that nobody may judge it',
      { unjudged: 'bulk-silent', tonight: { ...NIGHT, verdict: 'not-judged', nightM3h: null, bulkReported: 0.25 } },
      '今夜不下结论:总表夜间数据只到 25 %',
      'is not judged tonight: 25 % of the bulk meters’ readings',
    ],
    ['that less runs in', { tonight: { ...NIGHT, nightM3h: 2 } }, '低于平时', 'less than usual'],
    [
      'that more did, but not for long',
      { tonight: { ...NIGHT, nightM3h: 7 } },
      '还没有持续下来',
      'it has not lasted so far',
    ],
  ])('%s', (_, facts, chinese, english) => {
    const zone = row(facts)
    expect(zoneSentence(zone, written(zh))).toContain(chinese)
    expect(zoneSentence(zone, written(en))).toContain(english)
  })

  it('never that it is lost', () => {
    expect(standingOf(row({ open: OPEN }))).toBe('more-inflow')
    expect(standingOf(row({ tonight: { ...NIGHT, verdict: 'loss' } }))).toBe('more-inflow')
    expect(standingOf(row({ onlyInflow: false, open: OPEN, tonight: { ...NIGHT, lossM3h: 1 } }))).toBe('loss')
  })
})

it('the map shows it hollow, and by what runs in beyond the usual where a finding is open', () => {
  const of = (facts: Partial<ZoneRow>) => lossFeatures([row(facts)]).features[0]?.properties
  expect(of({})).toMatchObject({ open: false, tonight: -1, tonightShare: -1, tonightText: '', week: -1 })
  expect(of({ open: OPEN })).toMatchObject({
    open: true,
    tonight: 0.8,
    tonightShare: 10,
    tonightText: '+0.8 m³/h · 10.0 %',
  })
})
