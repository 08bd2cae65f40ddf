import { expect, test } from 'vitest'
import { en } from '../i18n/en.ts'
import type { Text } from '../i18n/text.ts'
import { zh } from '../i18n/zh.ts'
import { formatAge, formatCountdown, formatSpan } from './age.ts'
import { amountInUnit, amountOf, consumptionOf, wordsFor } from './amount.ts'
import { formatDate, formatTime } from './time.ts'

const speak =
  (texts: Record<string, string>): Text =>
  (key, fill) =>
    (texts[key] ?? key).replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => String(fill?.[name]))
const english = speak(en)
const chinese = speak(zh)
const HOUR = 3_600_000

test('a device heard 14 hours ago says so in both languages', () => {
  expect(formatAge(14 * HOUR, english)).toBe('14 h ago')
  expect(formatAge(14 * HOUR + 59 * 60_000, chinese)).toBe('14 小时前')
})

test('an age is told in the unit that says most', () => {
  expect(formatAge(-5000, english)).toBe('just now')
  expect(formatAge(59_999, english)).toBe('59 s ago')
  expect(formatAge(60_000, english)).toBe('1 min ago')
  expect(formatAge(47 * HOUR, english)).toBe('47 h ago')
  expect(formatAge(72 * HOUR, english)).toBe('3 d ago')
})

test('how long an alarm has lasted is told to the minute', () => {
  expect(formatSpan(2 * HOUR + 5 * 60_000, english)).toBe('2 h 5 min')
  expect(formatSpan(25 * HOUR, chinese)).toBe('1 天 1 小时')
  expect(formatCountdown(119_001)).toBe('2:00')
  expect(formatCountdown(-1)).toBe('0:00')
})

test('a household leak is told in litres an hour, a burst main in cubic metres', () => {
  expect(amountOf('flow', 0.0123)).toEqual({ figure: '12', unit: 'l/h' })
  expect(amountOf('flow', 38.5)).toEqual({ figure: '38.500', unit: 'm³/h' })
  expect(amountInUnit(0.04, 'm³/h')).toEqual({ figure: '40', unit: 'l/h' })
  expect(amountInUnit(0.5, 'm³/h', 4.8)).toEqual({ figure: '0.5', unit: 'm³/h' })
  expect(amountInUnit(3.1, 'dB/m')).toEqual({ figure: '3.1', unit: 'dB/m' })
})

test('a register keeps its three decimals and groups its digits', () => {
  expect(amountOf('volume', 12345.6)).toEqual({ figure: '12,345.600', unit: 'm³' })
  expect(consumptionOf(0.213)).toEqual({ figure: '213', unit: 'l' })
  expect(consumptionOf(14.2)).toEqual({ figure: '14.20', unit: 'm³' })
  expect(amountOf('temperature', -0.01).figure).toBe('0.0')
})

test('states and flags read as words', () => {
  expect(wordsFor('flags', ['leak', 'batteryLow'], chinese).figure).toBe('漏水 · 电量低')
  expect(wordsFor('flags', [], english).figure).toBe('none')
  expect(wordsFor('open', true, english).figure).toBe('yes')
  expect(wordsFor('valve', 'closed', chinese).figure).toBe('关')
})

test('times are those of Liaocheng wherever the console runs', () => {
  const lateEvening = Date.UTC(2026, 10, 21, 16, 30, 5)
  expect(formatDate(lateEvening)).toBe('2026-11-22')
  expect(formatTime(lateEvening, lateEvening)).toBe('00:30:05')
  expect(formatTime(lateEvening, lateEvening + 48 * HOUR)).toBe('2026-11-22 00:30:05')
})
