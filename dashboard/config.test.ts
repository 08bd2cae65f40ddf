import { expect, test } from 'vitest'
import { readConfig } from './config.ts'

test('behind TLS the session cookie may not travel without it', () => {
  expect(readConfig({})).toMatchObject({ host: '127.0.0.1', secureCookie: false })
  expect(readConfig({ HYDRANT_PUBLIC_URL: 'https://hydrant.example.cn/' })).toMatchObject({
    secureCookie: true,
    publicUrl: 'https://hydrant.example.cn',
  })
})
