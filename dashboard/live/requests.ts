import { z } from 'zod'
import { alarmActionSchema } from '../../contract/api.ts'
import { type ActionAnswer, type ClientToServer, MUTE_MS } from '../../contract/live.ts'
import { isSocketEvent, SOCKET_RIGHTS } from '../../contract/roles.ts'
import { actorOf, callerMay } from '../access/sessions.ts'
import { ApiError, ERRORS, type ErrorCode } from '../api/errors.ts'
import type { Desk } from '../desk.ts'
import type { Have } from './catch-up.ts'
import type { Client } from './client.ts'

const count = z.number().int().min(0).optional()
const helloSchema = z.object({ seq: count, rev: count })
const deviceIdSchema = z.string().min(1).max(64)
const acknowledgeSchema = alarmActionSchema.extend({ alarmId: z.string().min(1).max(200) })
/** Alarms waiting at once, beyond which a list says no more than their number. */
const ids = z.array(z.string().max(200)).max(1000)
const mutedSchema = z.object({ alarmIds: ids, incidentIds: ids })
const MUTED_NAMED = 50
const acknowledgeIncidentSchema = alarmActionSchema.extend({ incidentId: z.string().min(1).max(200) })
const commentSchema = acknowledgeSchema.extend({ comment: z.string().min(1).max(2000) })

type Answer = (given: ActionAnswer) => void

/**
 * What a console may ask for over its socket. Nothing is looked at before the event is one of the table of rights
 * (`contract/roles.ts`), in measure, and allowed to who the caller is *now*. Whatever does not fit the contract is not
 * answered, or refused in words.
 */
export function answerRequests(client: Client, desk: Desk, on: { hello(have: Have): void; muted(): void }): void {
  const { socket } = client
  socket.use((packet, next) => {
    void admitRequest(client, desk, packet).then((admitted) => {
      if (admitted) next()
    })
  })
  const handlers: { readonly [Event in keyof ClientToServer]: (...args: readonly unknown[]) => void } = {
    hello: (have) => {
      // A console that cannot say what it has gets everything.
      const parsed = helloSchema.safeParse(have ?? {})
      on.hello(parsed.success ? parsed.data : {})
    },
    watch: (deviceId) => {
      const parsed = deviceIdSchema.safeParse(deviceId)
      if (parsed.success) client.watch(parsed.data)
    },
    unwatch: (deviceId) => {
      if (typeof deviceId === 'string') client.unwatch(deviceId)
    },
    acknowledge: (input, answer) => {
      void act(desk, answer, async () => {
        const { alarmId, comment } = parse(acknowledgeSchema, input)
        await desk.actions.perform(client.caller, { type: 'alarm.acknowledge', alarmId, comment })
      })
    },
    muted: (input) => {
      const parsed = mutedSchema.safeParse(input)
      if (!parsed.success) return
      const { alarmIds, incidentIds } = parsed.data
      const named = [...incidentIds, ...alarmIds]
      const now = desk.now()
      if (named.length === 0) desk.muted.unmute(client)
      else desk.muted.mute(client, actorOf(client.caller), now + MUTE_MS)
      on.muted()
      if (named.length === 0 || !client.noteMuted(now)) return
      noteMuted(client, desk, named).catch((error: unknown) =>
        desk.log.error({ err: error }, 'a silenced bell could not be written down'),
      )
    },
    acknowledgeIncident: (input, answer) => {
      void act(desk, answer, async () => {
        const { incidentId, comment } = parse(acknowledgeIncidentSchema, input)
        await desk.incidents.perform(client.caller, { type: 'incident.acknowledge', incidentId, comment })
      })
    },
    comment: (input, answer) => {
      void act(desk, answer, async () => {
        const { alarmId, comment } = parse(commentSchema, input)
        await desk.actions.perform(client.caller, { type: 'alarm.comment', alarmId, comment })
      })
    },
  }
  for (const [event, handler] of Object.entries(handlers)) socket.on(event as keyof ClientToServer, handler)
}

/** Whether the event may be handed to its handler; says why not where somebody waits for an answer. */
async function admitRequest(client: Client, desk: Desk, packet: readonly unknown[]): Promise<boolean> {
  const event = String(packet[0])
  const answer = packet.at(-1)
  const refuse = (outcome: string, given: ActionAnswer): false => {
    desk.figures.count(`socket_events_refused_total{outcome="${outcome}"}`)
    say(answer, given)
    return false
  }
  try {
    const measure = client.judgeRequest(event, desk.now())
    if (measure !== 'welcome') {
      if (measure === 'flood') client.socket.disconnect(true)
      return refuse('limit.rate', { ok: false, code: 'limit.rate', message: 'Too many requests in a second.' })
    }
    if (!isSocketEvent(event))
      return refuse('event.unknown', { ok: false, code: 'event.unknown', message: 'There is no such event.' })
    const caller = await desk.sessions.current(client.caller)
    // The hub says goodbye to it within half a second; until then it may do nothing.
    if (caller === undefined) return refuse('session.ended', refusal('session.ended'))
    client.isNow(caller)
    if (!callerMay(caller, SOCKET_RIGHTS[event])) return refuse('right.missing', refusal('right.missing'))
    return true
  } catch (error) {
    desk.log.error({ err: error }, 'a request over a live connection could not be judged')
    return refuse('server.failed', refusal('server.failed'))
  }
}

const noteMuted = (client: Client, desk: Desk, named: readonly string[]): Promise<void> =>
  desk.stores.accounts.audit({
    at: desk.now(),
    actor: actorOf(client.caller),
    action: 'bell.mute',
    target: named[0] ?? '',
    detail: JSON.stringify({ waiting: named.slice(0, MUTED_NAMED), number: named.length }),
  })

const refusal = (code: ErrorCode): ActionAnswer => ({ ok: false, code, message: ERRORS[code].message })

function say(answer: unknown, given: ActionAnswer): void {
  if (typeof answer === 'function') (answer as Answer)(given)
}

async function act(desk: Desk, answer: unknown, work: () => Promise<void>): Promise<void> {
  try {
    await work()
    say(answer, { ok: true })
  } catch (error) {
    if (error instanceof ApiError) return say(answer, { ok: false, code: error.publicCode, message: error.message })
    desk.log.error({ err: error }, 'a request over a live connection failed')
    say(answer, refusal('server.failed'))
  }
}

function parse<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new ApiError('request.invalid', `\`${issue?.path.join('.') ?? ''}\`: ${issue?.message ?? 'not valid'}`)
}
