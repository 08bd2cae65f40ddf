import { setTimeout as sleep } from 'node:timers/promises'
import { REVISED_FOR_MS, settleOrder } from '../../contract/repair-verdict.ts'
import { nightsOf, repairCheck, type WaterStores } from '../../store/state/repair-check.ts'
import type { WorkOrders } from '../../store/state/work-orders-port.ts'

/** Nights are judged once a day; a person who looks on wants to see it soon after. */
const EVERY_MS = 10_000

interface ConfirmDependencies {
  readonly stores: WaterStores & { readonly workOrders: WorkOrders }
  readonly now: () => number
  readonly log: { info(facts: object, message: string): void; error(facts: object, message: string): void }
}

/**
 * Repairs that were claimed meet what was measured since. What is decided follows from what is stored: stopped on the way,
 * it is decided again, and comes to the same. Resolves with how many orders changed.
 */
export async function confirmRepairs({ stores, now, log }: ConfirmDependencies): Promise<number> {
  let changed = 0
  for (const claimed of await stores.workOrders.awaitingWater(now() - REVISED_FOR_MS)) {
    const nights = await nightsOf(stores, claimed, now())
    const check = await repairCheck(stores, claimed, nights)
    if (check === null || check.verdict === 'waiting') continue
    // Somebody may have acted meanwhile: what was measured is held against the claim it was measured for.
    const outcome = await stores.workOrders.update(claimed.id, (order) =>
      order.claim?.at === claimed.claim?.at ? settleOrder(order, check, now()) : undefined,
    )
    if (outcome?.ok !== true) continue
    changed += 1
    const { id, state, beforeM3h, afterM3h } = outcome.order
    log.info({ order: id, state, beforeM3h, afterM3h }, 'the water has spoken on a repair')
  }
  return changed
}

/** Until `signal` aborts. A store that refuses is asked again. */
export async function keepConfirming(deps: ConfirmDependencies & { readonly signal: AbortSignal }): Promise<void> {
  const { log, signal } = deps
  while (!signal.aborted) {
    await confirmRepairs(deps).catch((error: unknown) =>
      log.error({ error: String(error) }, 'repairs could not be confirmed; it is tried again'),
    )
    await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined)
  }
}
