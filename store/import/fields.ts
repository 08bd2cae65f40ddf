/** A cell as it was read, or what is wrong with it in a sentence of each language. */
export type Field<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: string; readonly faultZh: string }

const ok = <T>(value: T): Field<T> => ({ ok: true, value })
const fault = (en: string, zh: string): Field<never> => ({ ok: false, fault: en, faultZh: zh })

/** Long enough for "building 3, floor 12, flat 1204, kitchen" in any language. */
const LONGEST_TEXT = 200

export function readText(text: string, what: string): Field<string> {
  if (text.length > LONGEST_TEXT)
    return fault(
      `${what} has ${text.length} characters, at most ${LONGEST_TEXT} are kept`,
      `内容有 ${text.length} 个字,最多 ${LONGEST_TEXT} 个字`,
    )
  if (/\p{Cc}/u.test(text))
    return fault(`${what} holds a line end or another control character`, '内容中有换行或其他控制字符')
  return ok(text.normalize('NFC'))
}

export function readDegrees(text: string, axis: 'lon' | 'lat'): Field<number> {
  const limit = axis === 'lon' ? 180 : 90
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (Number.isFinite(value) && Math.abs(value) <= limit) return ok(value)
  return fault(
    `"${text}" is no ${axis === 'lon' ? 'longitude' : 'latitude'}: write degrees from -${limit} to ${limit}`,
    `“${text}”不是${axis === 'lon' ? '经度' : '纬度'}:请填写 -${limit} 到 ${limit} 之间的度数`,
  )
}

/** Of a place, a person, a post: what makes the same table a second time the same rows. */
const ID = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,99}$/u

export function readTableId(text: string): Field<string> {
  const id = text.normalize('NFC')
  if (id === '') return fault('the id is empty', '编号为空')
  if (ID.test(id)) return ok(id)
  return fault(
    `"${id}" cannot be an id: use 1 to 100 letters, digits and . _ -`,
    `“${id}”不能作编号:请用 1 到 100 个字母、汉字、数字或 . _ -`,
  )
}

/** What a phone number is written with, an extension included. */
const PHONE = /^\+?\d[\d ()/-]{1,49}$/

export function readPhone(text: string): Field<string> {
  if (text === '' || PHONE.test(text)) return ok(text)
  return fault(`"${text}" is no telephone number`, `“${text}”不是电话号码`)
}

/** One of a table of words, by its name in the contract, in English or in Chinese. */
export function readWord<Word extends string>(
  text: string,
  words: Readonly<Record<Word, { readonly en: string; readonly zh: string }>>,
  what: { readonly en: string; readonly zh: string },
): Field<Word> {
  const names = Object.keys(words) as Word[]
  const plain = text.toLowerCase()
  const found = names.find(
    (name) => name === plain || words[name].en.toLowerCase() === plain || words[name].zh === text,
  )
  if (found !== undefined) return ok(found)
  const known = names.map((name) => `${name} (${words[name].zh})`).join(', ')
  if (text === '') return fault(`${what.en} is empty; write ${known}`, `${what.zh}为空,请填写:${known}`)
  return fault(`${what.en} "${text}" is not known; write ${known}`, `没有“${text}”这种${what.zh},请填写:${known}`)
}

export function readCount(text: string, most: number): Field<number> {
  const value = Number(text)
  if (/^\d+$/.test(text) && value <= most) return ok(value)
  return fault(`"${text}" is no number from 0 to ${most}`, `“${text}”不是 0 到 ${most} 之间的整数`)
}

/** `8:00`, `08:00`, `08:00:00` and the full-width colon are all the same hour. */
export function readClock(text: string): Field<string> {
  const [, hours = '', minutes = ''] = /^(\d{1,2})[::](\d{2})(?:[::]00)?$/.exec(text) ?? []
  const clock = `${hours === '24' && minutes === '00' ? '00' : hours.padStart(2, '0')}:${minutes}`
  if (hours !== '' && /^([01]\d|2[0-3]):[0-5]\d$/.test(clock)) return ok(clock)
  return fault(`"${text}" is no time of day: write 08:00`, `“${text}”不是时间:请写成 08:00`)
}

const DAYS: Readonly<Record<string, number>> = { 一: 1, 二: 2, 三: 3, 四: 4, 五: 5, 六: 6, 日: 7, 天: 7 }

/** Days of the week, 1 to 7 or 一 to 日, with or without anything between them, `1-5` for a range; empty: every day. */
export function readDays(text: string): Field<number[]> {
  const plain = text.replaceAll(/周|星期|礼拜/g, '').replaceAll(/[一二三四五六日天]/g, (day) => String(DAYS[day]))
  const range = /^([1-7])\s*[-~至到—–]\s*([1-7])$/.exec(plain.trim())
  if (range !== null) {
    const [first, last] = [Number(range[1]), Number(range[2])]
    const length = ((last - first + 7) % 7) + 1
    return ok(Array.from({ length }, (_, i) => ((first - 1 + i) % 7) + 1).sort((a, b) => a - b))
  }
  if (!/^[1-7,;、,;\s]*$/.test(plain))
    return fault(
      `"${text}" are no days: write 1-5 or 6;7 (1 is Monday), or nothing for every day`,
      `“${text}”不是星期:请写成 1-5 或 6;7(1 为周一),每天则不填`,
    )
  return ok([...new Set(plain.match(/[1-7]/g)?.map(Number) ?? [])].sort((a, b) => a - b))
}
