import { expect, test } from 'vitest'
import { encodeFrame, type Gb26875Frame } from '../../contract/gb26875/frame.ts'
import type { JournalReader, JournalRecord } from '../../store/journal/port.ts'
import { rememberStored } from './remember-stored.ts'
import { Repeats } from './repeats.ts'

const NOW = 1_800_000_000_000
const frame = (sequence: number, more: Partial<Gb26875Frame> = {}): Uint8Array =>
  encodeFrame({
    command: 2,
    sequence,
    version: { main: 1, user: 1 },
    time: { second: 1, minute: 2, hour: 3, day: 4, month: 5, year: 26 },
    source: 889,
    destination: 1,
    data: Uint8Array.of(2, 0),
    ...more,
  })
const record = (seq: number, ageMs: number, payload: Uint8Array, arg = 'gb26875'): JournalRecord => ({
  seq,
  kind: 'raw',
  deviceId: 'panel-1',
  arg,
  arrivedAt: NOW - ageMs,
  payload,
})
/** Which of these frames are stored when they come now. */
function storedNow(repeats: Repeats, frames: readonly Uint8Array[]): readonly boolean[] {
  return frames.map((bytes) => {
    let isStored = false
    const answers: unknown[] = []
    const store = (done: () => void): void => {
      isStored = true
      done()
    }
    repeats.once('panel-1', (bytes[2] ?? 0) + (bytes[3] ?? 0) * 256, bytes, store, (error) => answers.push(error))
    expect(answers).toEqual([undefined])
    return isStored
  })
}

test('after a restart a frame that was stored just before it is known again; an old one, a heartbeat and another codec are not', async () => {
  const records = [
    record(1, 50_000, frame(1)),
    record(2, 30_000, frame(2)),
    record(3, 1000, frame(3, { data: new Uint8Array(0) })),
    record(4, 1000, frame(4), 'cjt188'),
    record(5, 1000, Uint8Array.of(0x40, 0x40, 5, 0)),
    record(6, 10, frame(6)),
  ]
  const reader = {
    head: async () => 6,
    readAfter: async (seq: number) => records.filter((one) => one.seq > seq).slice(0, 2),
  } as unknown as JournalReader
  const repeats = new Repeats(() => 100_000)
  await rememberStored(reader, repeats, NOW)
  const frames = [frame(1), frame(2), frame(4), frame(6), frame(6, { data: Uint8Array.of(2, 1) })]
  expect(storedNow(repeats, frames)).toEqual([true, false, true, false, true])
})

test('a frame that comes again while its first copy is on its way to the disk is answered with it, stored or not', () => {
  let now = 0
  const repeats = new Repeats(() => now)
  const answers: string[] = []
  let done: (error?: Error) => void = () => undefined
  const come = (name: string): void =>
    repeats.once(
      'panel-1',
      1,
      frame(1),
      (finish) => {
        done = finish
      },
      (error) => answers.push(`${name} ${error === undefined || error === null ? 'ok' : 'not'}`),
    )
  come('first')
  come('second')
  expect(answers).toEqual([])
  done(new Error('disk full'))
  expect(answers).toEqual(['first not', 'second not'])
  come('third')
  done()
  come('fourth')
  expect(answers.slice(2)).toEqual(['third ok', 'fourth ok'])
  now = 45_000
  come('fifth')
  expect(answers).toHaveLength(4)
  done()
  now = 100_000
  repeats.sweep()
  expect(repeats.total).toBe(2)
})
