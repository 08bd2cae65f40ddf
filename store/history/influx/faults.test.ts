import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Readings } from '../../../contract/readings.ts'
import { type HistoryMessage, HistoryUnavailable } from '../port.ts'
import type { Retry } from './delivery.ts'
import { type InfluxHistory, openInfluxHistory } from './history.ts'
import { type ScriptedServer, startScriptedServer } from './scripted-server.ts'

let server: ScriptedServer
let history: InfluxHistory
const retries: Retry[] = []
let now = 0
const TOKEN = 'a-secret-token'

const open = (more: Partial<Parameters<typeof openInfluxHistory>[1]> = {}, token = TOKEN): InfluxHistory =>
  openInfluxHistory(
    { url: server.url, token, org: 'city', bucket: 'readings' },
    {
      retrying: (retry) => retries.push(retry),
      circumstances: {
        elapsed: () => now,
        pause: async (ms, signal) => {
          if (!signal.aborted) now += ms
        },
        random: () => 0,
      },
      ...more,
    },
  )
beforeEach(async () => {
  retries.length = 0
  now = 0
  server = await startScriptedServer('v2.7.12')
  history = open()
})
afterEach(async () => {
  await history.close()
  await server.close()
})

const volumes = (deviceId: string, count: number): HistoryMessage => ({
  deviceId,
  kind: 'water-meter',
  readings: {
    at: Array.from({ length: count }, (_, i) => 1000 + i),
    fields: [{ quantity: 'volume', values: Array.from({ length: count }, (_, i) => i) }],
  },
})
const lineOf = (deviceId: string, i: number): string =>
  `reading,device=${deviceId},kind=water-meter volume=${i} ${1000 + i}`

describe('an InfluxDB that has a bad hour', () => {
  test('one that answers 500 is asked again, and each reading is stored once', async () => {
    server.script = [{ status: 500, body: { message: 'internal error' } }]
    expect(await history.write([volumes('m', 3)])).toEqual([])
    expect([...server.stored]).toEqual([0, 1, 2].map((i) => lineOf('m', i)))
    expect(retries.map(({ cause }) => cause)).toEqual(['InfluxDB answers 500 (internal error)'])
  })

  test('one that asks for patience is left alone for as long as it says', async () => {
    server.script = [
      { status: 429, headers: { 'retry-after': '1' } },
      { status: 503, headers: { 'retry-after': new Date(Date.now() + 3000).toUTCString() } },
    ]
    await history.write([volumes('m', 1)])
    expect(retries.map(({ waitMs }) => waitMs >= 1000)).toEqual([true, true])
    expect(now).toBe(retries.reduce((sum, { waitMs }) => sum + waitMs, 0))
    expect(server.stored.size).toBe(1)
  })

  test('one that asks for minutes is told of at once, and the next write keeps the time', async () => {
    server.script = [{ status: 429, headers: { 'retry-after': '120' } }]
    await expect(history.write([volumes('m', 1)])).rejects.toThrow(HistoryUnavailable)
    expect([retries, now]).toEqual([[], 0])
    await history.write([volumes('m', 1)])
    expect([server.stored.size, now]).toEqual([1, 120_000])
  })

  test('attempts are further and further apart, and are given up to whoever can wait longer', async () => {
    server.judge = () => ({ status: 503 })
    await expect(history.write([volumes('m', 1)])).rejects.toThrow('InfluxDB answers 503')
    expect(retries.map(({ waitMs }) => waitMs)).toEqual([125, 250, 500, 1000])
    expect(server.requests).toHaveLength(5)
  })

  test('who closes it does not wait for a store that is away', async () => {
    server.judge = () => ({ silence: true })
    const written = history.write([volumes('m', 1)])
    while (server.requests.length === 0) await new Promise((resolve) => setImmediate(resolve))
    await history.close()
    await expect(written).rejects.toThrow('The history is being closed')
  })

  test('a connection that is reset in the middle costs nothing, whether the points were stored or not', async () => {
    server.script = [{ reset: true }, { reset: true, stored: true }]
    await history.write([volumes('m', 3)])
    expect([...server.stored]).toEqual([0, 1, 2].map((i) => lineOf('m', i)))
    expect(retries.map(({ cause }) => cause)).toEqual(Array(2).fill('InfluxDB does not answer (ECONNRESET)'))
  })

  test('one that never answers is given up', async () => {
    const hasty = open({ writeDeadlineMs: 20 })
    server.judge = () => ({ silence: true })
    await expect(hasty.write([volumes('m', 1)])).rejects.toThrow('InfluxDB does not answer (in time)')
    expect(server.stored.size).toBe(0)
    await hasty.close()
  })

  test('one that never answers holds up nobody who looks at a chart', async () => {
    const hasty = open({ readDeadlineMs: 20 })
    server.judge = () => ({ silence: true })
    await expect(hasty.range('m', 0, 1, 1)).rejects.toThrow(
      new HistoryUnavailable('InfluxDB does not answer (in time)'),
    )
    await expect(hasty.buckets('m', 'volume', 0, 1, 1)).rejects.toThrow(HistoryUnavailable)
    await expect(hasty.latest('m')).rejects.toThrow(HistoryUnavailable)
    await hasty.close()
  })

  test('one that is not there is named, without its address', async () => {
    const gone = open()
    await server.close()
    await expect(gone.latest('m')).rejects.toThrow('InfluxDB does not answer (ECONNREFUSED)')
    await gone.close()
    server = await startScriptedServer('')
  })

  test('what is no InfluxDB at all is said to be none', async () => {
    server.judge = () => ({ status: 200, body: { hello: 'world' } })
    await expect(history.latest('m')).rejects.toThrow('What answers is no InfluxDB: check HYDRANT_INFLUX_URL')
    server.judge = () => ({ status: 405, body: { hello: 'world' } })
    await expect(history.write([volumes('m', 2)])).rejects.toThrow(
      'InfluxDB answers 405 ({"hello":"world"}): check HYDRANT_INFLUX_URL',
    )
    expect(server.requests).toHaveLength(2)
  })

  test.each([
    [401, 'unauthorized access', 'check HYDRANT_INFLUX_TOKEN'],
    [403, 'insufficient permissions', 'check HYDRANT_INFLUX_TOKEN'],
    [404, 'bucket "readings" not found', 'check HYDRANT_INFLUX_BUCKET'],
    [400, 'Please provide either orgID or org', 'check HYDRANT_INFLUX_URL, HYDRANT_INFLUX_ORG'],
    [400, 'partial write: max-values-per-tag limit exceeded (100000/100000) dropped=3', 'max-values-per-tag = 0'],
  ])('status %i (%s) loses nothing: it says what to do and waits', async (status, message, todo) => {
    server.script = [{ status, body: { code: 'x', message } }]
    const error = await history.write([volumes('m', 3)]).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(HistoryUnavailable)
    expect(String(error)).toContain(message)
    expect(String(error)).toContain(todo)
    expect(String(error)).not.toContain(TOKEN)
    expect([server.requests.length, retries.length]).toEqual([1, 0])
    expect(await history.write([volumes('m', 3)])).toEqual([])
    expect(server.stored.size).toBe(3)
  })
})

describe('points that InfluxDB refuses', () => {
  const BAD = lineOf('m', 700)
  const conflict = (dropped: string) => ({
    status: 422,
    body: {
      code: 'unprocessable entity',
      message: `failure writing points to database: partial write: field type conflict: input field "volume" on measurement "reading" is type float, already exists as type string${dropped}`,
    },
  })

  test('one bad reading among a thousand is found, and reported once; the others are stored', async () => {
    server.judge = (lines) => (lines.includes(BAD) ? conflict('') : undefined)
    const refused = await history.write([volumes('m', 1000)])
    expect(refused).toEqual([
      {
        deviceId: 'm',
        quantity: 'volume',
        at: 1700,
        reason: 'history.type-conflict',
        detail: expect.stringContaining('already exists as type string'),
      },
    ])
    expect(server.stored.size).toBe(999)
    // Halves of halves, not each point by itself.
    expect(server.requests.length).toBeLessThan(30)
  })

  test('a bad reading does not take those of the same time with it', async () => {
    server.judge = (lines) => (lines.some((line) => line.includes('volume=')) ? conflict('') : undefined)
    const readings: Readings = {
      at: [1000],
      fields: [
        { quantity: 'battery', values: [90] },
        { quantity: 'volume', values: [1] },
        { quantity: 'flags', values: [['leak', 'burst']] },
      ],
    }
    const refused = await history.write([{ deviceId: 'm', readings }])
    expect(refused.map(({ quantity }) => quantity)).toEqual(['volume'])
    expect([...server.stored]).toEqual([
      'reading,device=m,kind=unknown battery=90 1000',
      'reading,device=m,kind=unknown flags="[\\"leak\\",\\"burst\\"]" 1000',
    ])
  })

  test('a year that is beyond the retention is not sent point by point', async () => {
    server.judge = (lines) => ({
      status: 422,
      body: { message: `partial write: points beyond retention policy dropped=${lines.length}` },
    })
    const refused = await history.write([volumes('m', 25_000)])
    expect(refused).toHaveLength(25_000)
    expect(new Set(refused.map(({ reason }) => reason))).toEqual(new Set(['history.beyond-retention']))
    expect(server.requests).toHaveLength(3)
  })

  test.each([
    [
      'its own API',
      400,
      {
        error: 'partial write of line protocol occurred',
        data: [
          {
            line_number: 1,
            error_message: "invalid field value in line protocol for field 'volume': expected type float, got string",
          },
        ],
      },
      'history.type-conflict',
    ],
    [
      'the one of 2.x',
      500,
      { code: 'internal error', message: 'partial write of line protocol occurred' },
      'history.refused',
    ],
  ])('a partial write as version 3 says it by %s is one, whatever its status', async (_, status, body, reason) => {
    server.judge = (lines) =>
      lines.includes(BAD) ? { status, body, headers: { 'content-type': 'text/plain' } } : undefined
    const refused = await history.write([volumes('m', 720)])
    expect(refused.map((one) => [one.at, one.reason])).toEqual([[1700, reason]])
    expect(server.stored.size).toBe(719)
  })

  test('an InfluxDB that takes little at once gets little at once', async () => {
    server.judge = (lines) => (lines.length > 100 ? { status: 413, body: { message: 'too large' } } : undefined)
    expect(await history.write([volumes('m', 1000)])).toEqual([])
    expect(server.stored.size).toBe(1000)
  })

  test('a fault in the middle of looking for the bad one loses nothing', async () => {
    let asked = 0
    server.judge = (lines) => {
      asked++
      if (asked % 3 === 2) return { status: 503 }
      return lines.includes(BAD) ? conflict('') : undefined
    }
    expect(await history.write([volumes('m', 720)])).toHaveLength(1)
    expect(server.stored.size).toBe(719)
  })
})

describe('which InfluxDB it is', () => {
  test('2.x and 3 get the write API with organization, bucket and token', async () => {
    await history.write([volumes('m', 1)])
    expect(server.requests[0]).toMatchObject({
      path: '/api/v2/write?org=city&bucket=readings&precision=ms',
      authorization: `Token ${TOKEN}`,
    })
  })

  test('1.x gets /write with its database, and a name and password in the header, not in the address', async () => {
    await server.close()
    server = await startScriptedServer('1.6.7~rc0')
    const old = open({}, 'hydrant:pass:word')
    await old.write([volumes('m', 1)])
    expect(server.requests[0]).toMatchObject({
      path: '/write?db=readings&precision=ms',
      authorization: `Basic ${Buffer.from('hydrant:pass:word').toString('base64')}`,
    })
    await old.close()
  })

  test('a 1.x whose database is missing again as soon as it was made is told of, not asked for ever', async () => {
    const old = await startScriptedServer('1.8.10')
    const toOld = openInfluxHistory({ url: old.url, token: undefined, org: '', bucket: 'readings' })
    old.judge = ([first]) =>
      first === ''
        ? { status: 200, body: { results: [{}] } }
        : { status: 404, body: { error: 'database not found: "readings"' } }
    await expect(toOld.write([volumes('m', 1)])).rejects.toThrow('does not find the bucket')
    expect(old.requests.map(({ path }) => path.split('?')[0])).toEqual(['/write', '/query', '/write'])
    await toOld.close()
    await old.close()
  })

  test('a server that was replaced by a newer one is asked anew', async () => {
    await history.write([volumes('m', 1)])
    const { url } = server
    await server.close()
    await expect(history.write([volumes('m', 1)])).rejects.toThrow(HistoryUnavailable)
    server = await startScriptedServer('1.8.10', Number(new URL(url).port))
    await history.write([volumes('m', 1)])
    expect(server.requests[0]?.path).toBe('/write?db=readings&precision=ms')
  })
})
