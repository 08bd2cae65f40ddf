import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { compileCache } from '../cli/compile-cache.ts'

/** The repository root: where the roles lie. */
const ROOT = join(import.meta.dirname, '..')
/** A role that has not said `ready` after this long is reported with what it printed. */
const READY_TIMEOUT_MS = 30_000
/** A role that has not ended this long after SIGTERM is killed. */
const STOP_TIMEOUT_MS = 10_000
/** What is kept of a role's output, to show when it fails. Characters. */
const OUTPUT_KEPT = 20_000

const ROLE_FILES = {
  broker: 'broker/main.ts',
  ingest: 'ingest/main.ts',
  dashboard: 'dashboard/main.ts',
  simulators: 'simulators/main.ts',
} as const
export type RoleName = keyof typeof ROLE_FILES
const SERVERS: readonly RoleName[] = ['broker', 'ingest', 'dashboard']

export interface SystemOptions {
  /** Which roles start at once; the default is the three that production runs. */
  readonly roles?: readonly RoleName[]
  /** Absent: a temporary directory that `stop` removes. */
  readonly dataDir?: string
  /** Added to every role's environment. */
  readonly env?: Readonly<Record<string, string>>
  /** Programs that a role is started through, and that put it in their own place: `strace -D`, `ip netns exec`. */
  readonly through?: Readonly<Partial<Record<RoleName, readonly string[]>>>
}

/** The real roles as real processes on a data directory and ports of their own. */
export interface System {
  readonly dataDir: string
  readonly mqttPort: number
  /** GB/T 26875.3, TCP; UDP has the same number. */
  readonly gb26875Port: number
  readonly httpPort: number
  /** `http://127.0.0.1:port`, without a trailing slash. */
  readonly httpUrl: string
  /** Starts a role that is not running. Resolves when it serves; throws with its last output when it ends before that. */
  start(role: RoleName): Promise<void>
  /** Sends `signal` to a running role (default SIGTERM) and resolves when its process has ended. */
  end(role: RoleName, signal?: NodeJS.Signals): Promise<void>
  pid(role: RoleName): number | undefined
  /** The last lines that the role printed, standard output and error together. */
  output(role: RoleName): string
  /** Runs `npm run hydrant -- …args` against this system's data. Never throws for a non-zero exit. */
  hydrant(...args: string[]): Promise<CommandResult>
  /** Ends every role and removes the temporary directory. */
  stop(): Promise<void>
}

export interface CommandResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<unknown>
}

export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'hydrant-')))
  const mqttPort = await freePort()
  const gb26875Port = await freePort()
  const httpPort = await freePort()
  const env = {
    // As the supervisor starts them.
    NODE_COMPILE_CACHE: compileCache,
    ...process.env,
    HYDRANT_DATA_DIR: dataDir,
    HYDRANT_MQTT_HOST: '127.0.0.1',
    HYDRANT_MQTT_PORT: String(mqttPort),
    HYDRANT_GB26875_HOST: '127.0.0.1',
    HYDRANT_GB26875_PORT: String(gb26875Port),
    HYDRANT_HTTP_HOST: '127.0.0.1',
    HYDRANT_HTTP_PORT: String(httpPort),
    ...options.env,
  }
  const running = new Map<RoleName, Running>()
  const printed = new Map<RoleName, string>()

  const start = async (role: RoleName): Promise<void> => {
    if (running.has(role)) throw new Error(`${role} is running already`)
    const words = [...(options.through?.[role] ?? []), process.execPath, join(ROOT, ROLE_FILES[role])]
    const child = spawn(words[0] as string, words.slice(1), {
      cwd: ROOT,
      env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    const ended = once(child, 'exit').catch(() => undefined)
    running.set(role, { child, ended })
    const keep = (chunk: Buffer): void => {
      printed.set(role, ((printed.get(role) ?? '') + chunk.toString()).slice(-OUTPUT_KEPT))
    }
    child.stdout?.on('data', keep)
    child.stderr?.on('data', keep)
    child.once('exit', () => {
      if (running.get(role)?.child === child) running.delete(role)
    })
    await isReady(role, child, () => printed.get(role) ?? '')
  }

  const end = async (role: RoleName, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    const process_ = running.get(role)
    if (process_ === undefined) return
    process_.child.kill(signal)
    const limit = new AbortController()
    const timedOut = sleep(STOP_TIMEOUT_MS, 'timeout', { signal: limit.signal }).catch(() => undefined)
    if ((await Promise.race([process_.ended, timedOut])) === 'timeout') process_.child.kill('SIGKILL')
    limit.abort()
    await process_.ended
  }

  const stop = async (): Promise<void> => {
    // Publishers first, so that no reading is on its way when its reader ends.
    for (const role of ['simulators', 'broker', 'ingest', 'dashboard'] as const) await end(role)
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true })
  }

  const system: System = {
    dataDir,
    mqttPort,
    gb26875Port,
    httpPort,
    httpUrl: `http://127.0.0.1:${httpPort}`,
    start,
    end,
    pid: (role) => running.get(role)?.child.pid,
    output: (role) => printed.get(role) ?? '',
    hydrant: (...args) => runCommand(process.execPath, [join(ROOT, 'cli/hydrant.ts'), ...args], env),
    stop,
  }
  try {
    await Promise.all((options.roles ?? SERVERS).map(start))
  } catch (error) {
    await stop()
    throw error
  }
  return system
}

/** Resolves when the child has sent `{ type: 'ready' }`. */
function isReady(role: RoleName, child: ChildProcess, output: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (what: string): void => settle(new Error(`${role} ${what}. It printed:\n${output()}`))
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      fail(`was not ready after ${READY_TIMEOUT_MS / 1000} s`)
    }, READY_TIMEOUT_MS)
    const onMessage = (message: unknown): void => {
      if (typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready') settle()
    }
    const onExit = (code: number | null, signal: string | null): void =>
      fail(`ended before it was ready (${signal ?? `exit code ${code}`})`)
    const onError = (error: Error): void => fail(`could not be started: ${error.message}`)
    const settle = (error?: Error): void => {
      clearTimeout(timer)
      child.off('message', onMessage)
      child.off('exit', onExit)
      child.off('error', onError)
      if (error === undefined) resolve()
      else reject(error)
    }
    child.on('message', onMessage)
    child.on('exit', onExit)
    child.on('error', onError)
  })
}

/** Runs a program to its end and collects what it printed. A program that is not there ends with code 127. */
export function runCommand(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: ROOT,
      env: { NODE_COMPILE_CACHE: compileCache, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
    })
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
    })
    child.once('error', (error) => resolve({ code: 127, stdout, stderr: stderr + error.message }))
    child.once('close', (code) => resolve({ code: code ?? 1, stdout, stderr }))
  })
}

/**
 * Below what Linux gives to outgoing connections (32768 and on): between the look and the role that listens, a client of a test
 * beside this one may take such a port.
 */
const PORTS = { from: 12_000, to: 32_000 }
const PORTS_TRIED = 50

/** A TCP port of the loopback that nobody listens on now. */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < PORTS_TRIED; tried++) {
    const port = randomInt(PORTS.from, PORTS.to)
    const server = createServer()
    try {
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
    } catch {
      continue
    }
    server.close()
    await once(server, 'close')
    return port
  }
  throw new Error('the loopback gave no port')
}
