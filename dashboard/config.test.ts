import { expect, test } from 'vitest'
import { ConfigError, readConfig } from './config.ts'

test('without any setting the console is on loopback only', () => {
  expect(readConfig({})).toMatchObject({ host: '127.0.0.1', port: 8080, tailMs: 3, secureCookie: false })
})

test('everything that is wrong is said at once, with the name of the setting and what it should be', () => {
  const read = () =>
    readConfig({ HYDRANT_HTTP_PORT: '99999', HYDRANT_PUBLIC_URL: 'hydrant', HYDRANT_LOG_LEVEL: 'loud' })
  expect(read).toThrow(ConfigError)
  expect(read).toThrow(/HYDRANT_HTTP_PORT=99999: is a port/)
  expect(read).toThrow(/HYDRANT_PUBLIC_URL=hydrant: is the address people type/)
  expect(read).toThrow(/HYDRANT_LOG_LEVEL=loud/)
})

test('behind TLS the session cookie may not travel without it', () => {
  expect(readConfig({ HYDRANT_PUBLIC_URL: 'https://hydrant.example.cn/' })).toMatchObject({
    secureCookie: true,
    publicUrl: 'https://hydrant.example.cn',
  })
})

test('a setting left empty counts as not set', () => {
  expect(readConfig({ HYDRANT_HTTP_PORT: '' }).port).toBe(8080)
})
