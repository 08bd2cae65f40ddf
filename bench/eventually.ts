import { setTimeout as sleep } from 'node:timers/promises'

const LIMIT_MS = 20_000
const LOOK_EVERY_MS = 20

/** Asks until `found` is true, every 20 ms or as said; the last answer is what counts. */
export async function eventually<T>(
  ask: () => Promise<T> | T,
  found: (answer: T) => boolean,
  limitMs = LIMIT_MS,
  everyMs = LOOK_EVERY_MS,
): Promise<T> {
  const giveUpAt = performance.now() + limitMs
  for (;;) {
    const answer = await ask()
    if (found(answer) || performance.now() > giveUpAt) return answer
    await sleep(everyMs)
  }
}
