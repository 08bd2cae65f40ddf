import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { EXIT_MISTAKE } from '../mistake.ts'
import type { LogFile } from './log-file.ts'
import { readable, Throttle } from './readable.ts'

/** A role that fails again and again is tried less and less often. */
const FIRST_PAUSE_MS = 300
const LONGEST_PAUSE_MS = 5000
/** After this long without a failure the next one counts as the first. */
const STEADY_MS = 30_000
/** Lines of plain text kept to say why a role ended. */
const LAST_WORDS = 20

/** Room for young objects, MiB: a connect storm makes many that die soon (25 to 30 % on connect storms). */
const YOUNG_SPACE = '--max-semi-space-size=64'
const FOLLOW_PARENT = new URL('./follow-parent.ts', import.meta.url).href

export interface RoleOptions {
  readonly name: string
  /** The program: a TypeScript file. */
  readonly file: string
  readonly env: NodeJS.ProcessEnv
  readonly log: LogFile
  /** How the log is called in what a person reads. */
  readonly logName: string
  /** May end by itself (a demo that is over); otherwise any end is a failure. */
  readonly mayFinish?: boolean
  print(line: string): void
  now(): number
}

/** What the first start came to. `refused`: it cannot work with this configuration and says why. */
export type Started = { readonly ok: true } | { readonly ok: false; readonly refused: readonly string[] }

/** One role as a child process that is started again whenever it ends. The others do not notice. */
export class Role {
  readonly name: string
  private readonly options: RoleOptions
  private readonly throttle = new Throttle()
  private child: ChildProcess | undefined
  private ended: Promise<void> = Promise.resolve()
  private stopping = false
  /** It has served once: from then on its configuration is not to blame. */
  private served = false
  private readonly stopped = new AbortController()
  private pauseMs = FIRST_PAUSE_MS
  private lastWords: string[] = []

  constructor(options: RoleOptions) {
    this.name = options.name
    this.options = options
  }

  get pid(): number | undefined {
    return this.child?.pid
  }

  /** Resolves when it serves for the first time (also after failures), or when its configuration is refused. */
  start(): Promise<Started> {
    if (this.stopping) return Promise.resolve({ ok: true })
    return new Promise((resolve) => this.spawn(resolve))
  }

  /** Asks it to stop, and ends it after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.stopping = true
    this.stopped.abort()
    const child = this.child
    if (child === undefined) return
    child.kill('SIGTERM')
    const timer = setTimeout(() => {
      this.options.print(`${this.name} did not stop within ${graceMs / 1000} s and was ended.`)
      child.kill('SIGKILL')
    }, graceMs)
    await this.ended
    clearTimeout(timer)
  }

  private spawn(settle: (started: Started) => void): void {
    const { options } = this
    const startedAt = options.now()
    this.lastWords = []
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', YOUNG_SPACE, '--import', FOLLOW_PARENT, options.file],
      // A process group of its own: Ctrl+C reaches the supervisor only, which stops the roles in their order.
      { env: options.env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true },
    )
    this.child = child
    child.on('message', (message: unknown) => {
      if (typeof message !== 'object' || message === null || !('type' in message) || message.type !== 'ready') return
      this.served = true
      settle({ ok: true })
    })
    const spoken = [child.stdout, child.stderr].map(
      (stream) =>
        new Promise<void>((done) => {
          if (stream === null) return done()
          createInterface({ input: stream })
            .on('line', (line) => this.hear(line))
            .on('close', done)
        }),
    )
    this.ended = new Promise((resolve) => {
      const end = async (why: string, code: number | null): Promise<void> => {
        await Promise.all(spoken)
        this.child = undefined
        resolve()
        await this.onEnd(why, code, startedAt, settle)
      }
      child.once('error', (error) => void end(error.message, null))
      child.once('exit', (code, signal) => void end(signal ?? `exit code ${code}`, code))
    })
  }

  private hear(line: string): void {
    const { options } = this
    options.log.line(line)
    if (line.startsWith('{')) {
      const now = options.now()
      const shown = readable(options.name, line, new Date(now))
      if (shown !== undefined) for (const text of this.throttle.pass(shown, now, options.logName)) options.print(text)
    } else if (line.trim() !== '') {
      this.lastWords.push(line)
      if (this.lastWords.length > LAST_WORDS) this.lastWords.shift()
    }
  }

  private async onEnd(
    why: string,
    code: number | null,
    startedAt: number,
    settle: (started: Started) => void,
  ): Promise<void> {
    const { options } = this
    if (this.stopping || (code === 0 && options.mayFinish === true)) return settle({ ok: true })
    if (code === EXIT_MISTAKE && !this.served) return settle({ ok: false, refused: this.lastWords })
    if (options.now() - startedAt >= STEADY_MS) this.pauseMs = FIRST_PAUSE_MS
    const pause = this.pauseMs
    this.pauseMs = Math.min(LONGEST_PAUSE_MS, pause * 2)
    const reason = this.lastWords.find((line) => /^\w*Error\b/.test(line))
    options.print(
      `${options.name} stopped (${why}${reason === undefined ? '' : `: ${reason}`}) and starts again in ${pause / 1000} s. Its log: ${options.logName}`,
    )
    await sleep(pause, undefined, { signal: this.stopped.signal }).catch(() => undefined)
    if (!this.stopping) this.spawn(settle)
    else settle({ ok: true })
  }
}
