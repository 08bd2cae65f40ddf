import { expect, test } from 'vitest'
import { BadConfig, readConfig } from './config.ts'

test('without any setting ingest works on ./data', () => {
  expect(readConfig({})).toMatchObject({ tailMs: 3, logLevel: 'info' })
  expect(readConfig({ HYDRANT_TAIL_MS: '' }).tailMs).toBe(3)
})

test('all mistakes are told at once, in plain sentences', () => {
  const read = (): unknown => readConfig({ HYDRANT_TAIL_MS: 'often', HYDRANT_LOG_LEVEL: 'loud' })
  expect(read).toThrow(BadConfig)
  expect(read).toThrow(
    /HYDRANT_LOG_LEVEL is "loud", but it must be one of [\s\S]*HYDRANT_TAIL_MS is "often", but it must be a number/,
  )
})
