import type { Resident } from '../../contract/residents.ts'
import { type Grounds, groundsToRead, type LocatedAlarm } from '../../contract/residents.ts'
import { actorOf, type Caller } from '../access/sessions.ts'
import { openAlarmsThatCall, placesUpwards } from '../api/resident-grounds.ts'
import type { Desk } from '../desk.ts'

/** A list that is looked at is asked for again and again: the same look is written down once. ms */
const ONE_LOOK_MS = 3_600_000
/** Looks remembered; beyond it the oldest are written down again. */
const LOOKS_KEPT = 50_000

/** Names of watched people, by the rule of ADR 18, and who was told when. */
export class Names {
  private readonly desk: Desk
  private readonly told = new Map<string, number>()

  constructor(desk: Desk) {
    this.desk = desk
  }

  /** Whose name the caller may be told: of everybody, of some, of nobody. */
  async groundsOf(caller: Caller): Promise<(placeId: string) => Grounds | undefined> {
    const always = groundsToRead(caller.role, [], [])
    const alarms: readonly LocatedAlarm[] = always === undefined ? await openAlarmsThatCall(this.desk) : []
    return (placeId) => groundsToRead(caller.role, placesUpwards(this.desk, placeId), alarms)
  }

  /** Those of them of whom the caller may be told, by id. Written down before it is told. */
  async tell(
    caller: Caller,
    people: readonly { readonly residentId: string; readonly placeId: string }[],
  ): Promise<ReadonlyMap<string, Resident>> {
    const grounds = await this.groundsOf(caller)
    const found = new Map<string, Resident>()
    const why = new Map<string, Grounds>()
    for (const { residentId, placeId } of people) {
      const because = grounds(placeId)
      const resident = because === undefined ? undefined : await this.desk.stores.residents.find(residentId)
      if (resident === undefined || because === undefined) continue
      found.set(residentId, resident)
      why.set(residentId, because)
    }
    const at = this.desk.now()
    const actor = actorOf(caller)
    const fresh = [...why].filter(
      ([id]) => at - (this.told.get(`${actor} ${id}`) ?? Number.NEGATIVE_INFINITY) >= ONE_LOOK_MS,
    )
    await this.desk.stores.accounts.audit(
      ...fresh.map(([target, because]) => ({
        at,
        actor,
        action: 'resident.read',
        target,
        detail: JSON.stringify({ ...because, list: 'alone' }),
      })),
    )
    for (const [id] of fresh) this.remember(`${actor} ${id}`, at)
    return found
  }

  private remember(key: string, at: number): void {
    this.told.delete(key)
    this.told.set(key, at)
    if (this.told.size <= LOOKS_KEPT) return
    const [oldest] = this.told.keys()
    if (oldest !== undefined) this.told.delete(oldest)
  }
}
