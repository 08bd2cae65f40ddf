import type { Logger } from 'pino'

/** What is done again and again until the broker stops. What fails is tried again, and said in the log. */
export class Rounds {
  private readonly log: Logger
  private readonly timers: NodeJS.Timeout[] = []

  constructor(log: Logger) {
    this.log = log
  }

  /** @param what in the log: `reading the registry` */
  every(ms: number, work: () => void | Promise<void>, what: string): void {
    const guarded = async (): Promise<void> => {
      try {
        await work()
      } catch (error) {
        this.log.warn({ err: error }, `${what} failed; it is tried again`)
      }
    }
    this.timers.push(setInterval(() => void guarded(), ms))
  }

  stop(): void {
    for (const timer of this.timers) clearInterval(timer)
  }
}
