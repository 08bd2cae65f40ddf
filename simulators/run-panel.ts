import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { TransmissionDevice } from './devices/transmission-device.ts'

/** `simulate panel`: one transmission device, with a line for everything that happens. */

/** The panel is connected and has been asked what burns before anything begins to burn. */
const SETTLE_MS = 3000

export interface PanelRun {
  readonly host: string
  readonly port: number
  readonly address: number
  readonly points: number
  /** Points that report a fire. */
  readonly fire: number
  /** Time between two of them. */
  readonly everyS: number
  /** When the panel is reset after the last one; undefined: never. */
  readonly clearS: number | undefined
  readonly dutyAnswerS: number
}

/** Runs until SIGTERM or SIGINT. Resolves with the exit code. */
export async function runPanel({ everyS, clearS, dutyAnswerS, fire, ...panel }: PanelRun): Promise<number> {
  const say = (what: string): void => {
    process.stdout.write(`${new Date().toISOString()} ${what}\n`)
  }
  const device = new TransmissionDevice({ ...panel, dutyAnswerMs: dutyAnswerS * 1000, onEvent: say })
  const stopped = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
  const burn = async (): Promise<void> => {
    await sleep(SETTLE_MS)
    const burning = Array.from({ length: fire }, (_, i) => i + 1)
    for (const n of burning) {
      const begun = performance.now()
      const acknowledged = await device.report([n], 'normal', 'fire')
      say(
        `point ${n}: fire, ${acknowledged ? `acknowledged after ${(performance.now() - begun).toFixed(1)} ms` : 'not acknowledged'}`,
      )
      await sleep(everyS * 1000)
    }
    if (clearS === undefined || fire === 0) return
    await sleep(clearS * 1000)
    await device.operate('reset')
    for (const n of burning) await device.report([n], 'normal')
    say('the panel was reset')
  }
  device.start()
  void burn()
  await stopped
  device.stop()
  return 0
}
