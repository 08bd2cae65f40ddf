import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { BadSettings, readSettings, SETTINGS, type SettingName } from './settings.ts'

const NAMES = Object.keys(SETTINGS) as SettingName[]
const ROOT = join(import.meta.dirname, '..')

test('without any setting everything is on loopback, with the ports of the README', () => {
  expect(readSettings(NAMES, {})).toMatchObject({
    HYDRANT_DATA_DIR: './data',
    HYDRANT_MQTT_HOST: '127.0.0.1',
    HYDRANT_MQTT_PORT: 1883,
    HYDRANT_HTTP_HOST: '127.0.0.1',
    HYDRANT_HTTP_PORT: 8080,
  })
})

test('all that cannot be used is named at once, each with what it must be', () => {
  const read = () =>
    readSettings(NAMES, { HYDRANT_MQTT_PORT: 'x', HYDRANT_MQTT_RATE: '-1', HYDRANT_PUBLIC_URL: 'hydrant' })
  expect(read).toThrow(BadSettings)
  expect(read).toThrow(
    /HYDRANT_MQTT_PORT is "x", but it must be a port.*\nHYDRANT_MQTT_RATE is "-1".*\nHYDRANT_PUBLIC_URL is "hydrant"/,
  )
})

test('a setting left empty counts as not set', () => {
  expect(readSettings(['HYDRANT_HTTP_PORT'], { HYDRANT_HTTP_PORT: '' }).HYDRANT_HTTP_PORT).toBe(8080)
})

test('a history in InfluxDB without its address and bucket is told at once, with everything else', () => {
  const read = () => readSettings(NAMES, { HYDRANT_HISTORY: 'influx', HYDRANT_MQTT_PORT: 'x', HYDRANT_INFLUX_URL: '' })
  expect(read).toThrow(
    /HYDRANT_MQTT_PORT is "x".*\nHYDRANT_INFLUX_URL is not set, but HYDRANT_HISTORY=influx needs it.*\nHYDRANT_INFLUX_BUCKET is not set/,
  )
})

test('a password in an address is not taken, and not printed', () => {
  const read = () => readSettings(['HYDRANT_INFLUX_URL'], { HYDRANT_INFLUX_URL: 'http://root:tiger@influx:8086' })
  expect(read).toThrow('"http://***@influx:8086", but it must be')
  expect(read).not.toThrow('tiger')
})

test('.env.example names every setting with its default, and nothing else', () => {
  const lines = readFileSync(join(ROOT, '.env.example'), 'utf8').split('\n')
  const named = lines.flatMap((line) => /^#?(HYDRANT_[A-Z0-9_]+)=(.*)$/.exec(line)?.slice(1) ?? [])
  const pairs = named.flatMap((word, i) => (i % 2 === 0 ? [[word, named[i + 1]]] : []))
  const defaults = readSettings(NAMES, {})
  expect(pairs).toEqual(NAMES.map((name) => [name, String(defaults[name] ?? '')]))
})
