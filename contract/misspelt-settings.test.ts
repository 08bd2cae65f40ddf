import { expect, test } from 'vitest'
import { misspeltSettings } from './misspelt-settings.ts'

test('a mistyped variable is named with the one that was meant', () => {
  expect(misspeltSettings({ HYDRANT_MQTT_PROT: '1884', HYDRANT_HTTP_PORT: '8081', PATH: '/bin' })).toEqual([
    'HYDRANT_MQTT_PROT is no setting of Hydrant and does nothing. Did you mean HYDRANT_MQTT_PORT?',
  ])
})

test('a variable like no other is named without a guess; those of the benches are theirs', () => {
  expect(misspeltSettings({ HYDRANT_COLOUR: 'blue', HYDRANT_BENCH_MENDED: '1' })).toEqual([
    'HYDRANT_COLOUR is no setting of Hydrant and does nothing.',
  ])
})
