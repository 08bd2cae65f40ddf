import type { IncidentCommand } from '../../contract/events.ts'
import type { PlaceTree } from '../../contract/place-tree.ts'
import type { Right } from '../../contract/roles.ts'
import type { Accounts } from '../../store/state/accounts-port.ts'
import type { Views } from '../../store/state/views-port.ts'
import { actorOf, type Caller, callerMay } from '../access/sessions.ts'
import { ApiError } from '../api/errors.ts'
import type { Commands, Decided } from './commands.ts'
import { decided, outcomeWord } from './outcome.ts'

type WithoutWho<T> = T extends unknown ? Omit<T, 'commandId' | 'actor'> : never
/** What a person does to an incident, a watch or a duty check; `contract/incidents.ts` says what each carries. */
export type IncidentRequest = WithoutWho<IncidentCommand>

const RIGHT_OF: Readonly<Record<IncidentCommand['type'], Right>> = {
  'incident.acknowledge': 'incident.act',
  'incident.confirm': 'incident.act',
  'incident.dispatch': 'incident.act',
  'incident.arrive': 'incident.act',
  'incident.call': 'incident.act',
  'incident.comment': 'incident.act',
  'incident.tell': 'incident.act',
  'incident.close': 'incident.act',
  'place.reset': 'incident.act',
  'watch.set': 'watch.set',
  'duty.check': 'duty.check',
  'duty.answer': 'duty.check',
}

interface Known {
  readonly views: Pick<Views, 'incident' | 'dutyCheck'>
  readonly places: Pick<PlaceTree, 'get'>
  readonly fleet: { has(id: string): boolean }
}

/** What people do to incidents: the same for a route and for a socket event. Ingest decides; the answer waits for it. */
export class IncidentActions {
  private readonly commands: Commands
  private readonly known: Known
  private readonly accounts: Pick<Accounts, 'audit'>
  private readonly now: () => number

  constructor(commands: Commands, known: Known, accounts: Pick<Accounts, 'audit'>, now: () => number) {
    this.commands = commands
    this.known = known
    this.accounts = accounts
    this.now = now
  }

  /** @returns the event that it has come to. Throws ApiError where the caller may not, or ingest refused. */
  async perform(caller: Caller, request: IncidentRequest): Promise<Decided> {
    if (!callerMay(caller, RIGHT_OF[request.type])) throw new ApiError('right.missing')
    const target = await this.targetOf(request)
    const actor = actorOf(caller)
    const outcome = await this.commands.submit({ ...request, actor })
    const { type, ...said } = request
    await this.accounts.audit({
      at: this.now(),
      actor,
      action: type,
      target,
      detail: JSON.stringify({ outcome: outcomeWord(outcome), ...said }),
    })
    return decided(outcome)
  }

  /** What it is about; refused where there is no such thing, before anything is stored. */
  private async targetOf(request: IncidentRequest): Promise<string> {
    switch (request.type) {
      case 'place.reset':
      case 'duty.check':
        return this.placeOf(request.placeId)
      case 'watch.set':
        if ('placeId' in request.target) return this.placeOf(request.target.placeId)
        if (!this.known.fleet.has(request.target.deviceId)) throw new ApiError('device.unknown')
        return request.target.deviceId
      case 'duty.answer':
        if ((await this.known.views.dutyCheck(request.dutyCheckId)) === undefined)
          throw new ApiError('duty-check.unknown')
        return request.dutyCheckId
      default:
        if ((await this.known.views.incident(request.incidentId)) === undefined) throw new ApiError('incident.unknown')
        return request.incidentId
    }
  }

  private placeOf(placeId: string): string {
    if (this.known.places.get(placeId) === undefined) throw new ApiError('place.unknown')
    return placeId
  }
}
