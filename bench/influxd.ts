import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './system.ts'

/** Debian's package `influxdb` (1.6). It lies outside the search path of some shells, so its place is named. */
const INFLUXD = '/usr/bin/influxd'
/** A server that does not answer after this long is reported with what it printed. */
const READY_TIMEOUT_MS = 30_000
const POLL_MS = 25
/** One that has not ended this long after SIGTERM is killed. */
const STOP_TIMEOUT_MS = 10_000
const OUTPUT_KEPT = 20_000

/** Whether a real InfluxDB can be started here. */
export const hasInfluxd = (): boolean => existsSync(INFLUXD)

/** A real InfluxDB 1.x on a port and a data directory of its own, both kept over `kill` and `start`. */
export interface Influxd {
  readonly port: number
  /** `http://127.0.0.1:port`, without a trailing slash. */
  readonly url: string
  readonly dir: string
  readonly pid: number | undefined
  /** Starts it again after `stop` or `kill`. Resolves when it answers. */
  start(): Promise<void>
  /** SIGTERM; resolves when the process has ended. */
  stop(): Promise<void>
  /** SIGKILL; resolves when the process has ended. */
  kill(): Promise<void>
  /** SIGSTOP and SIGCONT: alive, and answering nobody. */
  freeze(): void
  thaw(): void
  /** One InfluxQL statement; the rows of all series in one list. Rejects with the server's words. */
  query(database: string, statement: string): Promise<readonly (readonly unknown[])[]>
  /**
   * Points that `database` holds of the device (of all devices when left out), by field; those without one are left out.
   * The measurement and its tag are the adapter's, see store/history/influx/line.ts.
   */
  count(database: string, deviceId?: string): Promise<Readonly<Record<string, number>>>
  /** Ends the server and removes its data. */
  remove(): Promise<void>
}

interface Answer {
  readonly results?: readonly {
    readonly error?: string
    readonly series?: readonly { readonly columns: readonly string[]; readonly values: readonly unknown[][] }[]
  }[]
  readonly error?: string
}

/** Starts a real InfluxDB. `auth`: it asks for a name and a password (make the first one with CREATE USER … WITH ALL PRIVILEGES). */
export async function startInfluxd(options: { readonly auth?: boolean } = {}): Promise<Influxd> {
  if (!hasInfluxd()) throw new Error(`${INFLUXD} is missing: install Debian’s package influxdb`)
  const dir = await mkdtemp(join(tmpdir(), 'hydrant-influxd-'))
  const [port, rpcPort] = [await freePort(), await freePort()]
  const file = join(dir, 'influxdb.conf')
  await writeFile(file, config(dir, port, rpcPort, options.auth ?? false))
  const url = `http://127.0.0.1:${port}`
  let child: ChildProcess | undefined
  let ended: Promise<unknown> = Promise.resolve()
  let printed = ''

  const start = async (): Promise<void> => {
    if (child !== undefined) throw new Error('influxd is running already')
    printed = ''
    const started = spawn(INFLUXD, ['-config', file], { stdio: ['ignore', 'pipe', 'pipe'] })
    child = started
    const keep = (chunk: Buffer): void => {
      printed = (printed + chunk.toString()).slice(-OUTPUT_KEPT)
    }
    started.stdout.on('data', keep)
    started.stderr.on('data', keep)
    ended = once(started, 'exit').then(
      () => undefined,
      () => undefined,
    )
    void ended.then(() => {
      if (child === started) child = undefined
    })
    for (const giveUpAt = performance.now() + READY_TIMEOUT_MS; !(await answers(url)); await sleep(POLL_MS)) {
      if (child !== started) throw new Error(`influxd ended at once. It printed:\n${printed}`)
      if (performance.now() > giveUpAt) throw new Error(`influxd does not answer. It printed:\n${printed}`)
    }
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const running = child
    if (running === undefined) return
    // A stopped process takes no other signal than SIGKILL.
    running.kill('SIGCONT')
    running.kill(signal)
    const limit = setTimeout(() => running.kill('SIGKILL'), STOP_TIMEOUT_MS)
    await ended
    clearTimeout(limit)
  }
  const ask = async (database: string, statement: string): Promise<Answer> => {
    const answer = await fetch(`${url}/query?db=${encodeURIComponent(database)}&epoch=ms`, {
      method: 'POST',
      body: new URLSearchParams({ q: statement }),
    })
    const body = (await answer.json()) as Answer
    const error = body.error ?? body.results?.find((result) => result.error !== undefined)?.error
    if (error !== undefined) throw new Error(`influxd: ${error}`)
    return body
  }

  await start().catch(async (error: unknown) => {
    await end('SIGKILL')
    await rm(dir, { recursive: true, force: true })
    throw error
  })
  return {
    port,
    url,
    dir,
    get pid() {
      return child?.pid
    },
    start,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    query: async (database, statement) =>
      ((await ask(database, statement)).results ?? []).flatMap(({ series }) =>
        (series ?? []).flatMap(({ values }) => values),
      ),
    count: async (database, deviceId) => {
      const where = deviceId === undefined ? '' : ` WHERE "device" = '${deviceId.replace(/['\\]/g, '\\$&')}'`
      const { results } = await ask(database, `SELECT count(*) FROM "reading"${where}`)
      const series = results?.[0]?.series?.[0]
      return Object.fromEntries(
        (series?.columns ?? []).flatMap((column, i) => {
          const count = Number(series?.values[0]?.[i])
          return column.startsWith('count_') && count > 0 ? [[column.slice('count_'.length), count]] : []
        }),
      )
    },
    remove: async () => {
      await end('SIGKILL')
      await rm(dir, { recursive: true, force: true })
    },
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/ping`, { signal: AbortSignal.timeout(1000) })).status === 204
  } catch {
    return false
  }
}

/** Only what is needed: no reports home, no statistics about itself, listening on loopback alone. */
const config = (dir: string, port: number, rpcPort: number, auth: boolean): string => `
reporting-disabled = true
bind-address = "127.0.0.1:${rpcPort}"
[meta]
  dir = "${dir}/meta"
[data]
  dir = "${dir}/data"
  wal-dir = "${dir}/wal"
  index-version = "tsi1"
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:${port}"
  auth-enabled = ${auth}
  log-enabled = false
[logging]
  level = "warn"
`
