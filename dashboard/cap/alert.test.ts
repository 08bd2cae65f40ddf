import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ALARM_TYPE_NAMES, DISPOSITIONS, SEVERITIES } from '../../contract/alarms.ts'
import type { HydrantEvent, IncidentEvent } from '../../contract/events.ts'
import { INCIDENT_KINDS, INCIDENT_MODES, type Incident, VERIFICATIONS } from '../../contract/incidents.ts'
import { publicPath } from '../../contract/public-place.ts'
import { type CapContext, capAlert, newestCapMessage } from './alert.ts'
import { cityTime } from './city-time.ts'
import { capFeed } from './feed.ts'
import { type Node, readXml } from './strict-xml.ts'

/** Friday, 21 November 2025, 20:26:40 in the city. */
const T = 1_763_728_000_000

const incident = (more: Partial<Incident> = {}): Incident => ({
  id: 'inc-1',
  kind: 'fire',
  state: 'verified',
  mode: 'real',
  verification: 'confirmed',
  confirmedBy: null,
  severity: 'CRITICAL',
  premisesId: 'home',
  placeId: 'home',
  cell: null,
  openedAt: T,
  noticedAt: T,
  lastAt: T,
  alarms: 1,
  devices: 1,
  sources: [{ alarmId: 'a', deviceId: 'd', placeId: 'home', type: 'smoke', severity: 'CRITICAL', at: T, active: true }],
  confirmedAt: T,
  acknowledgedBy: null,
  acknowledgedAt: null,
  dispatchedAt: null,
  onSceneAt: null,
  arrivals: {},
  escalation: { step: 0, nextAt: null },
  verifyBy: null,
  closedAt: null,
  closedBy: null,
  disposition: null,
  cause: null,
  closingNote: null,
  ...more,
})

const event = (seq: number, type: IncidentEvent['type'], more: Partial<Incident> = {}): IncidentEvent => ({
  seq,
  at: T + seq * 1000,
  commandId: null,
  actor: '张三',
  type,
  incident: incident(more),
  comment: '李奶奶,卧床',
  alarmId: null,
})

const CONTEXT: CapContext = {
  sender: 'hydrant.example.cn',
  place: publicPath([
    { id: 'c', kind: 'county', name: '东昌府区' },
    { id: 'home', kind: 'home', name: '幸福养老院' },
  ]),
  position: { lon: 115.98, lat: 36.45 },
  web: 'https://hydrant.example.cn/incidents/inc-1',
}

const alert = (events: readonly HydrantEvent[], context = CONTEXT): Node => {
  const message = newestCapMessage(events)
  if (message === undefined) throw new Error('nothing to tell')
  return readXml(capAlert(message, context))
}
const of = (node: Node, name: string): string | undefined => node.children.find((child) => child.name === name)?.text
const infos = (node: Node): readonly Node[] => node.children.filter(({ name }) => name === 'info')

// The rules of the schema (CAP-v1.2.xsd): what stands where, how often, and which words it may hold.

type Times = '1' | '?' | '+' | '*'
const ALERT: readonly (readonly [string, Times])[] = [
  ['identifier', '1'],
  ['sender', '1'],
  ['sent', '1'],
  ['status', '1'],
  ['msgType', '1'],
  ['source', '?'],
  ['scope', '1'],
  ['restriction', '?'],
  ['addresses', '?'],
  ['code', '*'],
  ['note', '?'],
  ['references', '?'],
  ['incidents', '?'],
  ['info', '*'],
]
const INFO: readonly (readonly [string, Times])[] = [
  ['language', '?'],
  ['category', '+'],
  ['event', '1'],
  ['responseType', '*'],
  ['urgency', '1'],
  ['severity', '1'],
  ['certainty', '1'],
  ['audience', '?'],
  ['eventCode', '*'],
  ['effective', '?'],
  ['onset', '?'],
  ['expires', '?'],
  ['senderName', '?'],
  ['headline', '?'],
  ['description', '?'],
  ['instruction', '?'],
  ['web', '?'],
  ['contact', '?'],
  ['parameter', '*'],
  ['resource', '*'],
  ['area', '*'],
]
const AREA: readonly (readonly [string, Times])[] = [
  ['areaDesc', '1'],
  ['polygon', '*'],
  ['circle', '*'],
  ['geocode', '*'],
  ['altitude', '?'],
  ['ceiling', '?'],
]
const WORDS: Readonly<Record<string, readonly string[]>> = {
  status: ['Actual', 'Exercise', 'System', 'Test', 'Draft'],
  msgType: ['Alert', 'Update', 'Cancel', 'Ack', 'Error'],
  scope: ['Public', 'Restricted', 'Private'],
  category: [
    'Geo',
    'Met',
    'Safety',
    'Security',
    'Rescue',
    'Fire',
    'Health',
    'Env',
    'Transport',
    'Infra',
    'CBRNE',
    'Other',
  ],
  responseType: ['Shelter', 'Evacuate', 'Prepare', 'Execute', 'Avoid', 'Monitor', 'Assess', 'AllClear', 'None'],
  urgency: ['Immediate', 'Expected', 'Future', 'Past', 'Unknown'],
  severity: ['Extreme', 'Severe', 'Moderate', 'Minor', 'Unknown'],
  certainty: ['Observed', 'Likely', 'Possible', 'Unlikely', 'Unknown'],
}
const TIMES = new Set(['sent', 'effective', 'onset', 'expires'])
/** The schema's own pattern: an offset, never `Z`. */
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d$/

function checkSequence(node: Node, sequence: readonly (readonly [string, Times])[]): void {
  const order = node.children.map(({ name }) => sequence.findIndex(([known]) => known === name))
  expect(order).not.toContain(-1)
  expect(order).toEqual(order.toSorted((a, b) => a - b))
  for (const [name, times] of sequence) {
    const count = node.children.filter((child) => child.name === name).length
    if (times === '1' || times === '+') expect(count, name).toBeGreaterThan(0)
    if (times === '1' || times === '?') expect(count, name).toBeLessThanOrEqual(1)
  }
  for (const { name, text } of node.children) {
    if (WORDS[name] !== undefined) expect(WORDS[name]).toContain(text)
    if (TIMES.has(name)) expect(text).toMatch(DATE_TIME)
  }
}

function checkCap(root: Node): void {
  expect([root.name, root.attributes.xmlns]).toEqual(['alert', 'urn:oasis:names:tc:emergency:cap:1.2'])
  checkSequence(root, ALERT)
  for (const name of ['identifier', 'sender']) expect(of(root, name)).toMatch(/^[^\s,<&]+$/)
  if (of(root, 'scope') === 'Restricted') expect(of(root, 'restriction')).toBeTruthy()
  for (const reference of of(root, 'references')?.split(' ') ?? []) {
    const [sender, identifier, sent] = reference.split(',')
    expect([sender, identifier]).not.toContain('')
    expect(sent).toMatch(DATE_TIME)
  }
  // §3.2.1: what updates or cancels says what.
  if (of(root, 'msgType') !== 'Alert') expect(of(root, 'references')).toBeTruthy()
  for (const info of infos(root)) {
    checkSequence(info, INFO)
    for (const area of info.children.filter(({ name }) => name === 'area')) {
      checkSequence(area, AREA)
      const circle = of(area, 'circle')
      if (circle !== undefined) expect(circle).toMatch(/^-?\d+(\.\d+)?,-?\d+(\.\d+)? \d+(\.\d+)?$/)
    }
  }
}

describe('CAP 1.2', () => {
  test('a pre-alarm is an alert that is likely; the confirmed fire updates it', () => {
    const opened = event(1, 'incident.opened', { verification: 'pre-alarm', confirmedAt: null, state: 'received' })
    const first = alert([opened])
    checkCap(first)
    expect([of(first, 'msgType'), of(first, 'identifier'), of(first, 'status')]).toEqual(['Alert', 'inc-1.1', 'Actual'])
    expect(infos(first).map((info) => [of(info, 'language'), of(info, 'certainty'), of(info, 'urgency')])).toEqual([
      ['zh-CN', 'Likely', 'Expected'],
      ['en', 'Likely', 'Expected'],
    ])
    const second = alert([
      opened,
      event(2, 'incident.joined'),
      event(3, 'incident.confirmed'),
      event(4, 'incident.acknowledged'),
    ])
    checkCap(second)
    expect([of(second, 'msgType'), of(second, 'identifier')]).toEqual(['Update', 'inc-1.3'])
    expect(of(second, 'references')).toBe('hydrant.example.cn,inc-1.1,2025-11-21T20:26:41+08:00')
    expect(infos(second).map((info) => [of(info, 'headline'), of(info, 'certainty'), of(info, 'category')])).toEqual([
      ['火警(已确认) 东昌府区 · 幸福养老院', 'Observed', 'Fire'],
      ['Fire (confirmed) 东昌府区 · 幸福养老院', 'Observed', 'Fire'],
    ])
  })

  test('a false alarm is taken back; a fire that was real is over', () => {
    const story = (disposition: Incident['disposition']) =>
      alert([event(1, 'incident.opened'), event(2, 'incident.closed', { state: 'closed', closedAt: T, disposition })])
    for (const [disposition, msgType] of [
      ['false', 'Cancel'],
      ['drill', 'Cancel'],
      ['real', 'Update'],
    ] as const) {
      checkCap(story(disposition))
      expect(of(story(disposition), 'msgType')).toBe(msgType)
      expect(infos(story(disposition)).map((info) => of(info, 'urgency'))).toEqual(['Past', 'Past'])
    }
  })

  test('a drill is an exercise, a test is a test', () => {
    expect(of(alert([event(1, 'incident.opened', { mode: 'drill' })]), 'status')).toBe('Exercise')
    expect(of(alert([event(1, 'incident.opened', { mode: 'test' })]), 'status')).toBe('Test')
  })

  test('where it is: words and a circle of 100 m; nothing where no place is known', () => {
    const [info] = infos(alert([event(1, 'incident.opened')]))
    const area = info?.children.find(({ name }) => name === 'area')
    expect(area?.children.map(({ text }) => text)).toEqual(['东昌府区 · 幸福养老院', '36.45,115.98 0.1'])
    const nowhere = alert([event(1, 'incident.opened')], { ...CONTEXT, place: [], position: undefined, web: undefined })
    checkCap(nowhere)
    expect(infos(nowhere)[0]?.children.map(({ name }) => name)).not.toContain('area')
  })

  test('no person is in it: not who acted, not what was written', () => {
    const events = [event(1, 'incident.opened', { closingNote: '王爷爷', closedBy: '张三', acknowledgedBy: '张三' })]
    const message = newestCapMessage(events)
    const xml = message === undefined ? '' : capAlert(message, CONTEXT)
    for (const person of ['张三', '李奶奶', '王爷爷', '卧床']) expect(xml).not.toContain(person)
  })

  test('times have the city’s offset, over midnight too', () => {
    expect(cityTime(1_735_660_800_000)).toBe('2025-01-01T00:00:00+08:00')
  })

  test('whatever an incident is and its places are called, the schema’s rules hold', () => {
    const odd = fc.string({ unit: 'binary', maxLength: 30 })
    const any = fc.record({
      id: fc.string({ minLength: 1, maxLength: 20 }),
      kind: fc.constantFrom(...INCIDENT_KINDS),
      mode: fc.constantFrom(...INCIDENT_MODES),
      verification: fc.constantFrom(...VERIFICATIONS),
      severity: fc.constantFrom(...SEVERITIES),
      state: fc.constantFrom('received' as const, 'closed' as const),
      disposition: fc.option(fc.constantFrom(...DISPOSITIONS), { nil: null }),
      sources: fc.array(
        fc.record({
          alarmId: odd,
          deviceId: odd,
          placeId: odd,
          type: fc.constantFrom(...ALARM_TYPE_NAMES),
          severity: fc.constantFrom(...SEVERITIES),
          at: fc.constant(T),
          active: fc.boolean(),
        }),
        { maxLength: 3 },
      ),
    })
    const place = fc.array(
      fc.record({ id: odd, kind: fc.constantFrom('home' as const, 'dwelling' as const), name: odd }),
      { maxLength: 4 },
    )
    const types = fc.array(
      fc.constantFrom(
        'incident.confirmed' as const,
        'incident.reopened' as const,
        'incident.closed' as const,
        'incident.joined' as const,
      ),
      { maxLength: 4 },
    )
    fc.assert(
      fc.property(any, place, types, (more, path, later) => {
        const context = { ...CONTEXT, place: publicPath(path) }
        const events = ['incident.opened' as const, ...later].map((type, i) => event(i + 1, type, more))
        checkCap(alert(events, context))
        const message = newestCapMessage(events)
        if (message === undefined) throw new Error('nothing to tell')
        const feed = readXml(capFeed([{ ...message, place: context.place }], 'https://hydrant.example.cn', T))
        const [entry] = feed.children.filter(({ name }) => name === 'entry')
        expect(entry?.children.map(({ name }) => name)).toEqual([
          'id',
          'title',
          'updated',
          'published',
          'link',
          'summary',
        ])
        expect(URL.canParse(entry?.children.find(({ name }) => name === 'link')?.attributes.href ?? '')).toBe(true)
      }),
      { numRuns: 150 },
    )
  })

  test('an incident without a word yet has no alert', () => {
    expect(newestCapMessage([event(1, 'incident.joined')])).toBeUndefined()
  })
})
