import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ALARM_STATES, DISPOSITIONS, SEVERITIES } from '../../../../contract/alarms.ts'
import { DEVICE_STATUSES, placeSchema } from '../../../../contract/api.ts'
import { MESSAGE_OCCASIONS, MESSAGE_STATES } from '../../../../contract/channels.ts'
import { INCIDENT_KINDS, INCIDENT_MODES, INCIDENT_STATES } from '../../../../contract/incidents.ts'
import { FLAGS, VALVE_STATES } from '../../../../contract/quantities.ts'
import { ROLES } from '../../../../contract/roles.ts'
import { en } from './en.ts'
import { preferredLanguage } from './text.ts'
import { zh } from './zh.ts'

const SOURCE = join(import.meta.dirname, '..')
const sources = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !file.includes('.test.') && !file.startsWith('i18n'))
  .map((file) => readFileSync(join(SOURCE, file), 'utf8'))
const placeholders = (s: string): string[] => [...s.matchAll(/\{\{(\w+)\}\}/g)].map((m) => m[1] ?? '').sort()

test('Chinese and English say the same things', () => {
  expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort())
})

test('no text is empty, and both languages fill in the same figures', () => {
  for (const key of Object.keys(zh) as (keyof typeof zh)[]) {
    expect(zh[key].trim(), key).not.toBe('')
    expect(en[key].trim(), key).not.toBe('')
    expect(placeholders(en[key]), key).toEqual(placeholders(zh[key]))
  }
})

test('no key that the console asks for is missing', () => {
  const asked = sources.flatMap((code) => [...code.matchAll(/\b(?:t|text)\(\s*'([^']+)'/g)].map((m) => m[1] ?? ''))
  expect(asked.length).toBeGreaterThan(50)
  for (const key of asked) expect(Object.hasOwn(zh, key), key).toBe(true)
})

test('every word of the contract that a person sees has a text', () => {
  const words = [
    ...SEVERITIES.map((word) => `severity.${word}`),
    ...ALARM_STATES.map((word) => `alarmState.${word}`),
    ...DISPOSITIONS.map((word) => `disposition.${word}`),
    ...DEVICE_STATUSES.map((word) => `status.${word}`),
    ...ROLES.map((word) => `role.${word}`),
    ...INCIDENT_KINDS.map((word) => `incident.kind.${word}`),
    ...INCIDENT_STATES.map((word) => `incident.state.${word}`),
    ...INCIDENT_MODES.filter((word) => word !== 'real').map((word) => `incident.mode.${word}`),
    ...MESSAGE_STATES.map((word) => `messages.${word}`),
    ...MESSAGE_OCCASIONS.map((word) => `messages.occasion.${word}`),
    ...FLAGS.map((word) => `flag.${word}`),
    ...VALVE_STATES.map((word) => `valve.${word}`),
    ...placeSchema.shape.kind.options.map((word) => `place.${word}`),
  ]
  for (const key of words) expect(Object.hasOwn(zh, key), key).toBe(true)
})

test('no text is left over that nothing shows', () => {
  const code = sources.join('\n')
  // Texts whose last word comes from the contract are asked for as `prefix.${word}`.
  const prefixes = [...code.matchAll(/`([a-zA-Z.]+\.)\$\{/g)].map((m) => m[1] ?? '')
  const unused = Object.keys(zh).filter(
    (key) => !code.includes(`'${key}'`) && !prefixes.some((prefix) => key.startsWith(prefix)),
  )
  expect(unused).toEqual([])
})

test('a browser set to German reads Chinese, one set to English reads English, and a choice is remembered', () => {
  expect(preferredLanguage(null, ['de-DE'])).toBe('zh')
  expect(preferredLanguage(null, ['de-DE', 'en-GB'])).toBe('en')
  expect(preferredLanguage(null, ['zh-TW', 'en'])).toBe('zh')
  expect(preferredLanguage('en', ['zh-CN'])).toBe('en')
})
