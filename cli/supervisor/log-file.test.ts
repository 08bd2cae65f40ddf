import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LogFile } from './log-file.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hydrant-log-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

test('a role that logs without end keeps five files, the newest first', () => {
  const path = join(dir, 'logs', 'broker.log')
  const log = new LogFile(path, 100)
  for (let n = 0; n < 1000; n += 1) log.line(`line ${n} ${'x'.repeat(20)}`)
  log.close()
  expect(readdirSync(join(dir, 'logs')).toSorted()).toEqual([
    'broker.log',
    'broker.log.1',
    'broker.log.2',
    'broker.log.3',
    'broker.log.4',
  ])
  expect(readFileSync(path, 'utf8')).toContain('line 999')
  expect(readFileSync(`${path}.1`, 'utf8')).toContain('line 996')
  for (const file of readdirSync(join(dir, 'logs')))
    expect(statSync(join(dir, 'logs', file)).size).toBeLessThanOrEqual(100)
})

test('a log goes on where it was, and only its owner may read it', () => {
  const path = join(dir, 'a.log')
  for (const word of ['before', 'after']) {
    const log = new LogFile(path)
    log.line(word)
    log.close()
  }
  expect(readFileSync(path, 'utf8')).toBe('before\nafter\n')
  expect(statSync(path).mode & 0o777).toBe(0o600)
})
