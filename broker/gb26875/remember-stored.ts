import { decodeFrame, faultOf } from '../../contract/gb26875/frame.ts'
import type { JournalReader } from '../../store/journal/port.ts'
import { CODEC } from './reception.ts'
import { REPEAT_WINDOW_MS, type Repeats } from './repeats.ts'

/** Records that are looked through: 45 s of four hundred fire devices that all burn. */
const LOOK_BACK = 20_000
const PAGE = 2000

/**
 * After a restart: frames that were stored and perhaps not acknowledged, when the broker was killed between the two, are
 * about to come again.
 * @param now ms since 1970
 */
export async function rememberStored(reader: JournalReader, repeats: Repeats, now: number): Promise<void> {
  const head = await reader.head()
  let seq = Math.max(0, head - LOOK_BACK)
  while (seq < head) {
    const records = await reader.readAfter(seq, PAGE)
    for (const { kind, arg, deviceId, payload, arrivedAt } of records) {
      const age = now - arrivedAt
      if (kind !== 'raw' || arg !== CODEC || age < 0 || age >= REPEAT_WINDOW_MS || faultOf(payload) !== undefined)
        continue
      const { sequence, data } = decodeFrame(payload)
      if (data.length > 0) repeats.wasStored(deviceId, sequence, payload, age)
    }
    const last = records.at(-1)
    if (last === undefined) return
    seq = last.seq
  }
}
