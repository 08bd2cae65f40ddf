import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Place } from '../../contract/api.ts'
import type { Incident } from '../../contract/incidents.ts'
import { type Notice, noticeSchema } from '../../contract/notice.ts'
import { channel, HOME_PATH, happened, incident, T } from './samples.ts'
import { type NewIncidentEvent, whoHears } from './who-hears.ts'
import { cut, digest, words } from './wording.ts'

function notice(
  more: Partial<Incident> = {},
  type: NewIncidentEvent['type'] = 'incident.confirmed',
  path = HOME_PATH,
  event: Partial<NewIncidentEvent> = {},
): Notice {
  const [message] = whoHears(happened(type, more, event), [channel('wecom')], path)
  if (message === undefined) throw new Error('nobody hears it')
  const { id, occasion, step, at } = message
  return {
    version: 1,
    id,
    occasion,
    step,
    at,
    incident: message.incident,
    url: 'https://hydrant.example.cn/incidents/inc-1',
  }
}

describe('what a message says', () => {
  test('what, where, since when, how sure and how many, in Chinese', () => {
    const said = words(notice(), 'zh', 4096)
    expect(said.title).toBe('火警(已确认) 东昌府区 · 幸福养老院 · 3层')
    expect(said.text).toBe(
      [
        '火警(已确认) 东昌府区 · 幸福养老院 · 3层',
        '地点:东昌府区 · 幸福养老院 · 3层',
        '开始:11月21日 00:00:00',
        '报警:烟雾报警、温升报警(2 条,2 个设备)',
        '尚无人接警',
        '详情:https://hydrant.example.cn/incidents/inc-1',
      ].join('\n'),
    )
  })

  test('and in English', () => {
    const { text } = words(notice({ verification: 'pre-alarm', alarms: 1, devices: 1 }, 'incident.opened'), 'en', 4096)
    expect(text).toBe(
      [
        'Fire (pre-alarm, not verified) 东昌府区 · 幸福养老院 · 3层',
        'Where: 东昌府区 · 幸福养老院 · 3层',
        'Since: 21 Nov, 00:00:00',
        'Alarms: Smoke, Heat rise (1 alarm from 1 device)',
        'Nobody has acknowledged yet',
        'More: https://hydrant.example.cn/incidents/inc-1',
      ].join('\n'),
    )
  })

  test('a test and a drill say so before anything else', () => {
    expect(words(notice({ mode: 'test' }), 'zh', 4096).title).toMatch(/^【测试】/)
    expect(words(notice({ mode: 'drill' }), 'zh', 4096).title).toMatch(/^【演练】/)
    expect(words(notice({ mode: 'drill' }), 'en', 4096).title).toMatch(/^\[DRILL\]/)
  })

  test('gas is not called a fire', () => {
    const sources = incident().sources.map((source) => ({ ...source, type: 'gas' as const }))
    expect(words(notice({ sources }), 'zh', 4096).title).toMatch(/^燃气泄漏\(已确认\)/)
  })

  test('the end says what it was', () => {
    const over = { state: 'closed', closedAt: T + 60_000, disposition: 'false', cause: 'cooking' } as const
    const said = words(notice(over, 'incident.closed'), 'zh', 4096)
    expect([said.title.startsWith('已结束:火警'), said.text.includes('误报, 做饭油烟')]).toEqual([true, true])
  })

  test('a place’s name cannot call everybody, fake a link or begin a line of its own', () => {
    const path = HOME_PATH.map((place) => ({ ...place, name: '<@all>\n[点我](http://evil)\u202e' }))
    const { markdown, text } = words(notice({}, 'incident.confirmed', path), 'zh', 4096)
    expect(markdown).not.toContain('<@all>')
    expect(markdown).not.toContain('](http://evil)')
    expect(markdown.split('\n')).toHaveLength(6)
    expect(text).not.toContain('\u202e')
  })

  const odd = fc.string({ unit: 'grapheme', maxLength: 3000 })

  test('no message is longer than its channel takes, none is cut inside a character, the link stays whole', () => {
    fc.assert(
      fc.property(
        odd,
        fc.integer({ min: 200, max: 5000 }),
        fc.constantFrom('zh' as const, 'en' as const),
        (name, max, language) => {
          const path = HOME_PATH.map((place) => ({ ...place, name }))
          const one = notice({}, 'incident.confirmed', path)
          const said = words(one, language, max)
          for (const text of [said.text, said.markdown]) {
            expect(Buffer.byteLength(text)).toBeLessThanOrEqual(max)
            expect(text.isWellFormed()).toBe(name.isWellFormed() ? true : text.isWellFormed())
            expect(text).toContain(one.url)
          }
          const folded = digest([one, one, one], language, max)
          expect(folded.told).toBeGreaterThanOrEqual(1)
          expect(Buffer.byteLength(folded.markdown)).toBeLessThanOrEqual(max)
          expect(folded.markdown.split('[').length - 1).toBeLessThanOrEqual(folded.told)
        },
      ),
      { numRuns: 100 },
    )
  })

  test('a text is cut between characters', () => {
    expect(cut('火警火警', 9)).toBe('火警…')
    expect(cut('a👩‍🚒', 7)).toBe('a…')
    expect(cut('abc', 3)).toBe('abc')
    expect(cut('abcd', 2)).toBe('')
  })

  test('no name, telephone or illness of a resident is in any message, whatever people wrote or named their places', () => {
    const secret = fc.stringMatching(/^[A-Z]{12}$/)
    fc.assert(
      fc.property(
        fc.uniqueArray(secret, { minLength: 7, maxLength: 7 }),
        fc.constantFrom('zh' as const, 'en' as const),
        (names, language) => {
          const [dwelling, bed, phone, note, by, comment, evidence] = names as [
            string,
            string,
            string,
            string,
            string,
            string,
            string,
          ]
          const inner = (id: string, kind: Place['kind'], name: string, parentId: string): Place => ({
            id,
            parentId,
            kind,
            name,
            lon: null,
            lat: null,
            contact: phone,
          })
          const path = [...HOME_PATH, inner('dw', 'dwelling', dwelling, 'floor-3'), inner('b', 'bed', bed, 'dw')]
          const more: Partial<Incident> = {
            closingNote: note,
            closedBy: by,
            acknowledgedBy: by,
            confirmedBy: evidence,
            placeId: 'b',
          }
          for (const type of ['incident.opened', 'incident.confirmed', 'incident.told', 'incident.closed'] as const) {
            const one = notice(more, type, path, { comment, actor: by })
            const said = words(one, language, 4096)
            const all = [
              said.title,
              said.text,
              said.markdown,
              JSON.stringify(one),
              digest([one, one], language, 4096).text,
            ].join('\n')
            for (const name of names) expect(all).not.toContain(name)
          }
        },
      ),
      { numRuns: 50 },
    )
  })

  test('what programs get is what the document says, version 1', () => {
    expect(noticeSchema.parse(notice())).toEqual(notice())
    expect(Object.keys(notice().incident ?? {}).toSorted()).toEqual(
      Object.keys(noticeSchema.shape.incident.unwrap().shape).toSorted(),
    )
  })
})
