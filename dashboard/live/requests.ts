import { z } from 'zod'
import { alarmActionSchema } from '../../contract/api.ts'
import type { ActionAnswer } from '../../contract/live.ts'
import { ApiError, ERRORS } from '../api/errors.ts'
import type { Desk } from '../desk.ts'
import type { Have } from './catch-up.ts'
import type { Client } from './client.ts'

const count = z.number().int().min(0).optional()
const helloSchema = z.object({ seq: count, rev: count })
const deviceIdSchema = z.string().min(1).max(64)
const acknowledgeSchema = alarmActionSchema.extend({ alarmId: z.string().min(1).max(200) })
const commentSchema = acknowledgeSchema.extend({ comment: z.string().min(1).max(2000) })

/** What a console may ask for over its socket. Whatever does not fit the contract is not answered, or refused in words. */
export function answerRequests(client: Client, desk: Desk, on: { hello(have: Have): void }): void {
  const { socket } = client
  socket.on('hello', (have: unknown) => {
    if (!client.allowRequest(desk.now())) return
    // A console that cannot say what it has gets everything.
    const parsed = helloSchema.safeParse(have ?? {})
    on.hello(parsed.success ? parsed.data : {})
  })
  socket.on('watch', (deviceId: unknown) => {
    const parsed = deviceIdSchema.safeParse(deviceId)
    if (parsed.success && client.allowRequest(desk.now())) client.watch(parsed.data)
  })
  socket.on('unwatch', (deviceId: unknown) => {
    if (typeof deviceId === 'string') client.unwatch(deviceId)
  })
  socket.on('acknowledge', (input: unknown, answer: unknown) => {
    void act(client, desk, answer, async () => {
      const { alarmId, comment } = parse(acknowledgeSchema, input)
      await desk.actions.perform(client.caller, { type: 'alarm.acknowledge', alarmId, comment })
    })
  })
  socket.on('comment', (input: unknown, answer: unknown) => {
    void act(client, desk, answer, async () => {
      const { alarmId, comment } = parse(commentSchema, input)
      await desk.actions.perform(client.caller, { type: 'alarm.comment', alarmId, comment })
    })
  })
}

async function act(client: Client, desk: Desk, answer: unknown, work: () => Promise<void>): Promise<void> {
  const say = (given: ActionAnswer): void => {
    if (typeof answer === 'function') answer(given)
  }
  try {
    if (!client.allowRequest(desk.now()))
      return say({ ok: false, code: 'limit.rate', message: 'Too many requests in a second.' })
    await work()
    say({ ok: true })
  } catch (error) {
    if (error instanceof ApiError) return say({ ok: false, code: error.publicCode, message: error.message })
    desk.log.error({ err: error }, 'a request over a live connection failed')
    say({ ok: false, code: 'server.failed', message: ERRORS['server.failed'].message })
  }
}

function parse<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new ApiError('request.invalid', `\`${issue?.path.join('.') ?? ''}\`: ${issue?.message ?? 'not valid'}`)
}
