import { expect, test } from 'vitest'
import { browserName } from './browser-name.ts'

test('a person recognises their browser by its name, not by its two lines of history', () => {
  const chromium =
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'
  expect(browserName(chromium)).toBe('Chrome · Linux')
  expect(browserName(`${chromium.replace('X11; Linux x86_64', 'Windows NT 10.0')} Edg/140.0`)).toBe('Edge · Windows')
  expect(browserName('Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0')).toBe('Firefox · Windows')
  expect(browserName('Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) MicroMessenger/8.0')).toBe('WeChat · iOS')
  expect(browserName('curl/8.9')).toBeUndefined()
  expect(browserName('')).toBeUndefined()
})
