import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hasInfluxd, startInfluxd } from '../bench/influxd.ts'
import { runCommand } from '../bench/system.ts'
import { readSettings, SETTINGS, type SettingName } from '../contract/settings.ts'
import { MEASUREMENT } from '../store/history/influx/line.ts'

/** What an operator gets with `docker compose up`, as far as it can be checked without a Docker engine. */

const ROOT = join(import.meta.dirname, '..')
const isCi = process.env.CI === 'true'
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const hasCompose = (await runCommand('docker-compose', ['--version'])).code !== 127
const compose = read('docker-compose.yml')

describe.skipIf(!hasCompose && !isCi)('docker compose', () => {
  test('accepts the file as it lies in the repository, without any file of secrets', async () => {
    const { code, stderr } = await runCommand('docker-compose', ['config', '--quiet'], { PATH: process.env.PATH })
    expect(stderr).not.toMatch(/error|unsupported/i)
    expect(code).toBe(0)
  })
})

test('every setting that the container gets is one that Hydrant has, and together they can be used', () => {
  const pairs = [...compose.matchAll(/^ {6}(HYDRANT_\w+): "?([^"\n]*)"?$/gm)].map(([, name = '', value = '']) => [
    name,
    value,
  ])
  const given = Object.fromEntries(pairs.filter(([, value]) => !value?.startsWith('${'))) as Record<string, string>
  expect(Object.keys(given).length).toBeGreaterThan(5)
  for (const [name] of pairs) expect(Object.keys(SETTINGS)).toContain(name)
  expect(readSettings(Object.keys(SETTINGS) as SettingName[], given)).toMatchObject({
    HYDRANT_HISTORY: 'influx',
    HYDRANT_ALLOW_PLAIN: '1',
  })
})

test('nothing is published beyond this machine, and no secret stands in a file', () => {
  const ports = [...compose.matchAll(/- "([\d.:]+:\d+(?:\/udp)?)"|ports: \["([^"]+)"/g)].map(
    (match) => match[1] ?? match[2],
  )
  expect(ports).toHaveLength(6)
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/)
  for (const [, name, value] of compose.matchAll(/^ +(\w*(?:PASSWORD|TOKEN)\w*): (.*)$/gm))
    expect(`${name} ${value}`).toMatch(/FILE \/secrets\//)
})

test('the image runs as an ordinary user, and is not given what it does not need', () => {
  const dockerfile = read('Dockerfile')
  expect(dockerfile).toMatch(/^FROM node:24-slim$/m)
  expect(dockerfile).toMatch(/^USER node$/m)
  const ignored = read('.dockerignore').split('\n')
  for (const needed of ['broker', 'ingest', 'dashboard', 'cli', 'contract', 'store'])
    expect(ignored).not.toContain(needed)
  for (const private_ of ['.env', 'data', '.git']) expect(ignored).toContain(private_)
})

describe.skipIf(!hasInfluxd() && !isCi)('the boards that Grafana is provisioned with', () => {
  interface Board {
    readonly uid: string
    readonly templating: { readonly list: readonly { readonly query: string }[] }
    readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly query: string }[] }[]
  }
  const folder = 'deploy/grafana/boards'
  const boards = readdirSync(join(ROOT, folder)).map((name) => JSON.parse(read(join(folder, name))) as Board)
  const source = read('deploy/grafana/provisioning/datasources/hydrant.yaml')

  test('ask the provisioned source, and nothing that the history does not hold', async () => {
    const server = await startInfluxd()
    try {
      await server.query('', 'CREATE DATABASE hydrant')
      const at = Date.now()
      const point = (device: string, kind: string, fields: string): string =>
        `${MEASUREMENT},device=${device},kind=${kind} ${fields} ${at - 1000}`
      const fields = 'volume=1.5,flow=0.2,pressure=300,smoke=0.1,temperature=20,battery=80'
      const written = await fetch(`${server.url}/write?db=hydrant&precision=ms`, {
        method: 'POST',
        body: [
          point('meter-1', 'water-meter', fields),
          point('meter-1', 'water-meter', fields).replace(/\d+$/, `${at}`),
        ].join('\n'),
      })
      expect(written.status).toBe(204)
      for (const board of boards) {
        expect(JSON.stringify(board)).toContain('"hydrant-history"')
        for (const { query } of board.templating.list)
          expect(await server.query('hydrant', query.replaceAll('$kind', 'water-meter')), query).not.toEqual([])
        for (const { title, targets } of board.panels)
          for (const { query } of targets) {
            const asked = query
              .replaceAll('$timeFilter', 'time > now() - 1d')
              .replaceAll('$__interval', '1m')
              .replaceAll('$device', '.*')
              .replaceAll('time(1h)', 'time(1s)')
            expect(await server.query('hydrant', asked), `${title}: ${asked}`).not.toEqual([])
          }
      }
      expect(source).toContain('uid: hydrant-history')
    } finally {
      await server.remove()
    }
  })
})
