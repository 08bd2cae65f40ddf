import type { Disposition } from '../../contract/alarms.ts'
import type { Language } from '../../contract/channels.ts'
import { CITY_TIME_ZONE } from '../../contract/city-time.ts'
import { alarmNames, headline, whereabouts } from '../../contract/headline.ts'
import { CAUSES, type Cause } from '../../contract/incidents.ts'
import type { Notice } from '../../contract/notice.ts'

/**
 * The one place that puts a notice into words: what, where, since when, how sure, how many, and where to read on. It knows
 * nothing of residents, of what people wrote, or of measured evidence: a notice does not hold it.
 */
export interface Words {
  readonly title: string
  readonly text: string
  readonly markdown: string
}

const DISPOSITIONS: Readonly<Record<Disposition, Readonly<Record<Language, string>>>> = {
  real: { zh: '属实', en: 'real' },
  false: { zh: '误报', en: 'false alarm' },
  test: { zh: '测试', en: 'test' },
  drill: { zh: '演练', en: 'drill' },
  unknown: { zh: '原因不明', en: 'unknown' },
}

/** One notice in words, at most `maxBytes` of UTF-8 in text and in markdown: the link stays whole. */
export function words(notice: Notice, language: Language, maxBytes: number): Words {
  const title = titleOf(notice, language)
  const facts = notice.incident === null ? [PHRASES[language].test] : factsOf(notice, notice.incident, language)
  const link = notice.url === null ? '' : `\n${PHRASES[language].more}${notice.url}`
  const linkMarkdown = notice.url === null ? '' : `\n[${PHRASES[language].details}](${notice.url})`
  const body = facts.map((fact) => `> ${escapeMarkdown(fact)}`).join('\n')
  return {
    title,
    text: withLink([title, ...facts].join('\n'), link, maxBytes),
    markdown: withLink(`**${escapeMarkdown(title)}**\n${body}`, linkMarkdown, maxBytes),
  }
}

/**
 * Several notices in one letter, a line each. As many as have room are told, at least one; the others wait for the next.
 */
export function digest(
  notices: readonly Notice[],
  language: Language,
  maxBytes: number,
): Words & { readonly told: number } {
  const title = PHRASES[language].several(notices.length)
  const plain = [title]
  const marked = [`**${title}**`]
  let used = bytes(title) + MARKS
  let told = 0
  for (const notice of notices) {
    const head = titleOf(notice, language)
    const at = notice.incident === null ? '' : `${timeOf(notice.incident.noticedAt, language)} `
    const fate = notice.incident === null ? '' : fateOf(notice, notice.incident, language)
    const line = [`${at}${head}`, fate].filter((part) => part !== '').join(' — ')
    const link = notice.url === null ? '' : ` [${PHRASES[language].details}](${notice.url})`
    const item = `- ${escapeMarkdown(line)}${link}`
    const plainItem = `- ${line}${notice.url === null ? '' : ` ${notice.url}`}`
    const longest = Math.max(bytes(item), bytes(plainItem)) + 1
    if (told > 0 && used + longest > maxBytes) break
    used += longest
    told += 1
    marked.push(item)
    plain.push(plainItem)
  }
  // One line alone may be longer than a letter.
  const text = cut(plain.join('\n'), maxBytes)
  return { title, text, markdown: cut(marked.join('\n'), maxBytes), told }
}

/** The `**` around the title. */
const MARKS = 8

const PHRASES = {
  zh: {
    test: '通道测试:收到本消息说明通道可用,无需处理。',
    testTitle: '【测试】Hydrant 通道测试',
    more: '详情:',
    details: '查看详情',
    where: (place: string) => `地点:${place}`,
    since: (time: string) => `开始:${time}`,
    alarms: (names: string, alarms: number, devices: number) => `报警:${names}(${alarms} 条,${devices} 个设备)`,
    several: (count: number) => `${count} 条消息合并发送`,
    escalated: (step: number) => `无人接警,已升级至第 ${step} 级`,
    told: '一键通知:请按预案行动',
    closed: '已结束',
    waiting: '尚无人接警',
    taken: '已接警',
  },
  en: {
    test: 'A test of this channel: it works, there is nothing to do.',
    testTitle: '[TEST] Hydrant channel test',
    more: 'More: ',
    details: 'More',
    where: (place: string) => `Where: ${place}`,
    since: (time: string) => `Since: ${time}`,
    alarms: (names: string, alarms: number, devices: number) =>
      `Alarms: ${names} (${count(alarms, 'alarm')} from ${count(devices, 'device')})`,
    several: (count: number) => `${count} messages in one`,
    escalated: (step: number) => `Nobody has acknowledged: escalated to step ${step}`,
    told: 'One key, everyone knows: act as planned',
    closed: 'Closed',
    waiting: 'Nobody has acknowledged yet',
    taken: 'Acknowledged',
  },
} as const

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`

type Incident = NonNullable<Notice['incident']>

function titleOf({ incident, occasion }: Notice, language: Language): string {
  if (incident === null) return PHRASES[language].testTitle
  const where = whereabouts(incident.place, language)
  const over = occasion === 'closed' ? (language === 'zh' ? '已结束:' : 'Closed: ') : ''
  return plain(`${over}${headline(incident, language)}${where === '' ? '' : ` ${where}`}`)
}

function factsOf(notice: Notice, incident: Incident, language: Language): string[] {
  const phrases = PHRASES[language]
  const where = whereabouts(incident.place, language)
  return [
    ...(where === '' ? [] : [phrases.where(where)]),
    phrases.since(timeOf(incident.openedAt, language)),
    phrases.alarms(alarmNames(incident.alarmTypes, language), incident.alarms, incident.devices),
    fateOf(notice, incident, language),
  ].map(plain)
}

/** What has been done about it, as far as this message is about that. */
function fateOf({ occasion, step }: Notice, incident: Incident, language: Language): string {
  const phrases = PHRASES[language]
  if (occasion === 'told') return phrases.told
  if (occasion === 'escalated') return phrases.escalated(step)
  if (occasion !== 'closed') return incident.acknowledgedAt === null ? phrases.waiting : phrases.taken
  const { disposition, cause } = incident
  const why = [
    disposition === null ? '' : DISPOSITIONS[disposition][language],
    cause === null ? '' : CAUSES[cause satisfies Cause][language],
  ].filter((part) => part !== '')
  return why.length === 0 ? phrases.closed : `${phrases.closed}: ${why.join(', ')}`
}

const FORMATS = new Map<Language, Intl.DateTimeFormat>()
function timeOf(at: number, language: Language): string {
  let format = FORMATS.get(language)
  if (format === undefined) {
    format = new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', {
      timeZone: CITY_TIME_ZONE,
      month: language === 'zh' ? 'long' : 'short',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    })
    FORMATS.set(language, format)
  }
  return format.format(at)
}

/** A name with a line break or a bidirectional override in it must not look like another line of ours. */
const plain = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')

/** What has a meaning in the bots' markdown becomes its full-width twin: `<@all>` in a place's name calls nobody. */
const escapeMarkdown = (text: string): string =>
  text.replaceAll(/[<>[\]*_`#|\\~]/g, (char) => String.fromCodePoint((char.codePointAt(0) ?? 0) + FULL_WIDTH))
/** Unicode: U+FF01 to U+FF5E are U+0021 to U+007E in full width. */
const FULL_WIDTH = 0xfee0

const bytes = (text: string): number => Buffer.byteLength(text)

function withLink(text: string, link: string, maxBytes: number): string {
  const room = maxBytes - bytes(link)
  // A link that alone is too long is of no use cut.
  return room <= 0 ? cut(text, maxBytes) : cut(text, room) + link
}

/** At most so many bytes of UTF-8, cut between characters. */
export function cut(text: string, maxBytes: number): string {
  if (bytes(text) <= maxBytes) return text
  const ellipsis = '…'
  let room = maxBytes - bytes(ellipsis)
  let kept = ''
  for (const char of text) {
    room -= bytes(char)
    if (room < 0) break
    kept += char
  }
  return maxBytes < bytes(ellipsis) ? '' : kept + ellipsis
}
