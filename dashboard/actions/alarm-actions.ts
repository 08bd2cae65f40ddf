import type { Alarm, Disposition } from '../../contract/alarms.ts'
import type { Accounts } from '../../store/state/accounts-port.ts'
import type { Views } from '../../store/state/views-port.ts'
import { actorOf, type Caller, callerMay } from '../access/sessions.ts'
import { ApiError } from '../api/errors.ts'
import type { Command, Commands } from './commands.ts'
import { decided, outcomeWord } from './outcome.ts'

export type AlarmAction =
  | { readonly type: 'alarm.acknowledge'; readonly alarmId: string; readonly comment: string }
  | { readonly type: 'alarm.comment'; readonly alarmId: string; readonly comment: string }
  | {
      readonly type: 'alarm.close'
      readonly alarmId: string
      readonly disposition: Disposition
      readonly comment: string
    }

/** Acknowledge, comment, close: the same for a route and for a socket event. */
export class AlarmActions {
  private readonly commands: Commands
  private readonly views: Pick<Views, 'alarm'>
  private readonly accounts: Pick<Accounts, 'audit'>
  private readonly now: () => number

  constructor(commands: Commands, views: Pick<Views, 'alarm'>, accounts: Pick<Accounts, 'audit'>, now: () => number) {
    this.commands = commands
    this.views = views
    this.accounts = accounts
    this.now = now
  }

  /** @returns the alarm after it. Throws ApiError where the caller may not, or ingest refused. */
  async perform(caller: Caller, action: AlarmAction): Promise<Alarm> {
    if (!callerMay(caller, 'alarm.act')) throw new ApiError('right.missing')
    if ((await this.views.alarm(action.alarmId)) === undefined) throw new ApiError('alarm.unknown')
    const actor = actorOf(caller)
    const command: Command = { ...action, actor }
    const outcome = await this.commands.submit(command)
    await this.accounts.audit({
      at: this.now(),
      actor,
      action: action.type,
      target: action.alarmId,
      detail: JSON.stringify({
        outcome: outcomeWord(outcome),
        comment: action.comment,
        ...(action.type === 'alarm.close' ? { disposition: action.disposition } : {}),
      }),
    })
    const event = decided(outcome)
    if ('alarm' in event) return event.alarm
    throw new ApiError('server.failed')
  }
}
