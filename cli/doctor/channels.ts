import { existsSync } from 'node:fs'
import { stateFile } from '../../store/files.ts'
import { openChannels, openOutbox } from '../../store/state/sqlite.ts'
import { bad, type Check, good } from './check.ts'

/** Whether anybody outside of the console hears of a fire. */
export async function checkChannels(dataDir: string): Promise<readonly Check[]> {
  if (!existsSync(stateFile(dataDir))) return []
  const [channels, outbox] = [openChannels(stateFile(dataDir)), openOutbox(stateFile(dataDir))]
  try {
    const [all, dead] = [await channels.list(), await outbox.deadLetterCounts()]
    const inUse = all.filter(({ disabled }) => !disabled)
    const shut = all.filter(({ disabledWhy }) => disabledWhy !== null)
    const lost = [...dead.values()].reduce((sum, count) => sum + count, 0)
    if (shut.length > 0)
      return [
        bad(
          'channels',
          shut.map(({ name, disabledWhy }) => `${name} was switched off: ${disabledWhy}`).join('; '),
          'Correct it with `channel set`, then `channel enable`; `channel dead` shows what was not delivered.',
        ),
      ]
    if (inUse.length === 0)
      return [good('channels', 'none: nobody outside of the console hears of a fire; `channel add` makes one')]
    if (lost > 0)
      return [
        bad(
          'channels',
          `${inUse.length} in use, ${lost} messages could not be delivered`,
          '`channel dead` shows them and why, `channel send-again` sends them once more.',
        ),
      ]
    return [good('channels', `${inUse.length} in use, every message delivered or under way`)]
  } finally {
    for (const port of [channels, outbox]) await port.close()
  }
}
