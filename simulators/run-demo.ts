import { once } from 'node:events'
import pino from 'pino'
import { type DemoOptions, startDemo } from './demo.ts'

/** Administrative code of Liaocheng: the same city for everybody who does not ask for another. */
export const DEMO_SEED = 371_500

/** How often the demo says how it is doing, ms. */
const FIGURES_EVERY_MS = 60_000
/** How long until the first figures: the fleet has connected by then. */
const FIRST_FIGURES_MS = 10_000

/** Runs the demo until SIGTERM or SIGINT. Resolves with the exit code. */
export async function runDemo(options: DemoOptions, logLevel: string): Promise<number> {
  const log = pino({ level: logLevel, base: { role: 'simulators' } })
  const demo = await startDemo(options, Date.now())
  const say = (): void => {
    const { errors, ...figures } = demo.figures()
    log.info({ ...figures, ...(errors.size > 0 && { errors: Object.fromEntries(errors) }) }, 'demo fleet')
  }
  const first = setTimeout(say, FIRST_FIGURES_MS)
  const timer = setInterval(say, FIGURES_EVERY_MS)
  process.send?.({ type: 'ready' })
  await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
  clearTimeout(first)
  clearInterval(timer)
  await demo.stop()
  return 0
}
