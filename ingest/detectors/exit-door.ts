import { limitOf } from '../../contract/detection-limits.ts'
import type { Kind } from '../../contract/kinds.ts'
import type { DeviceFacts } from './detector.ts'
import { ROOM_KINDS } from './kinds-watched.ts'
import { ALARM, type Level, QUIET, type Report } from './rule.ts'
import { watch } from './watch.ts'
import { durationEn, durationZh } from './wording.ts'

const DOOR_KINDS: ReadonlySet<Kind> = new Set(['door-contact'])

interface DoorMemory {
  openSince?: number
  /** When it was last said, ms. */
  at?: number
}

const openTooLong = (draft: DoorMemory, at: number, device: DeviceFacts): boolean =>
  draft.openSince !== undefined && at - draft.openSince >= limitOf(device, 'exitDoor.open') * 1000

const CLOSED: Report = { value: null, threshold: null, unit: null, en: 'door closed', zh: '门已关闭' }

/** An exit that stands open (a fire door that holds no smoke back), or that the device says is blocked: a hazard, no fire. */
export const exitDoor = watch<DoorMemory>({
  name: 'exitDoor',
  type: 'exitDoor',
  // A camera over the exit or the panel may say it too; a city of meters need not be asked.
  kinds: ROOM_KINDS,
  reported: { flag: 'blocked' },
  measured: {
    kinds: DOOR_KINDS,
    quantities: ['open'],
    draft: (memory) => ({ ...memory }),
    keep: (draft) => (draft.openSince === undefined ? undefined : draft),
    judge(draft, _level, at, open, _b, _c, device): Level {
      if (open === 0) {
        delete draft.openSince
        return QUIET
      }
      draft.openSince ??= at
      draft.at = at
      return openTooLong(draft, at, device) ? ALARM : QUIET
    },
    pass(draft, level, at, device) {
      draft.at = at
      return openTooLong(draft, at, device) ? ALARM : level
    },
    began: (draft) => draft.openSince,
    report(draft, level, device) {
      if (level === QUIET || draft.openSince === undefined) return null
      const limit = limitOf(device, 'exitDoor.open')
      const ms = (draft.at ?? draft.openSince) - draft.openSince
      return {
        value: Math.round(ms / 1000),
        threshold: limit,
        unit: 's',
        en: `door open for ${durationEn(ms)} (alarm from ${limit} s)`,
        zh: `门已开启${durationZh(ms)}(${limit}秒起报警)`,
      }
    },
    ended: () => ({ now: CLOSED, peak: null }),
  },
})
