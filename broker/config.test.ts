import { expect, test } from 'vitest'
import { BadConfig, readConfig } from './config.ts'

test('an empty environment gives the defaults, on loopback', () => {
  expect(readConfig({ HYDRANT_MQTT_PORT: '' })).toMatchObject({
    mqttHost: '127.0.0.1',
    mqttPort: 1883,
    maxPacket: 65_536,
    rate: 1,
    burst: 20,
    journalKeepHours: 72,
  })
})

test('all that cannot be used is named at once, each with what it must be', () => {
  const read = () => readConfig({ HYDRANT_MQTT_PORT: 'x', HYDRANT_MQTT_RATE: '-1', HYDRANT_LOG_LEVEL: 'loud' })
  expect(read).toThrow(BadConfig)
  expect(read).toThrow(/HYDRANT_MQTT_PORT is "x".*\nHYDRANT_MQTT_RATE is "-1".*\nHYDRANT_LOG_LEVEL is "loud"/)
})
