import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { stateFile } from '../../store/files.ts'
import { NO_DECISION } from '../../store/state/decisions-port.ts'
import { openChannels, openOutbox } from '../../store/state/sqlite.ts'
import { Rig } from '../rig.ts'
import { httpReceiver, type Scripted } from './receivers.ts'
import { channel, messageTo } from './samples.ts'

/** The real process, killed as a power cut would: what was decided is delivered, under one id, and shown once. */

const DEADLINE_MS = 20_000

let running: ChildProcess | undefined
const open: { close(): Promise<void> }[] = []
const keep = <P extends { close(): Promise<void> }>(port: P): P => {
  open.push(port)
  return port
}
let rig: Rig
afterEach(async () => {
  running?.kill('SIGKILL')
  for (const one of open.splice(0)) await one.close()
  await rig.remove()
})

async function start(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', 'main.ts')], {
    env: { ...process.env, HYDRANT_DATA_DIR: rig.dir, HYDRANT_LOG_LEVEL: 'silent' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  running = child
  await once(child, 'message')
  return child
}

test('ingest killed before it delivers, and before it notes: delivered under the same id, once on the incident', async () => {
  rig = new Rig()
  rig.now = Date.now()
  const channels = keep(openChannels(stateFile(rig.dir)))
  const outbox = keep(openOutbox(stateFile(rig.dir)))
  // It gets the message, and the power goes before it can answer.
  const there = keep(
    await httpReceiver((): Scripted | undefined => {
      if (there.received.length > 1) return undefined
      running?.kill('SIGKILL')
      return 'hang'
    }),
  )
  const hook = channel('webhook', { url: there.url })
  await channels.put(hook)
  // Stored while no ingest lives: what one that was killed right behind its commit leaves.
  await rig.openDecisions().commit({ ...NO_DECISION, messages: [messageTo(hook)] })
  const killed = await start()
  if (killed.exitCode === null && killed.signalCode === null) await once(killed, 'exit')
  expect(there.received).toHaveLength(1)
  expect(await outbox.waiting('webhook', 10)).toMatchObject([{ incidentId: 'inc-1', attempts: 0 }])

  // Meanwhile somebody has pressed a call point: the next life decides it and tells it too.
  await rig.add('call-point-1', 'call-point')
  await rig.publish('call-point-1', { pressed: true })
  await start()
  const told = async (): Promise<readonly string[]> =>
    (await rig.views.eventsAfter(0, 1000)).flatMap((event) => (event.type === 'message.sent' ? [event.message.id] : []))
  const deadline = Date.now() + DEADLINE_MS
  while ((await told()).length < 2 && Date.now() < deadline) await sleep(20)
  const ids = there.received.map(({ headers }) => String(headers['webhook-id']))
  expect(ids).toHaveLength(3)
  expect(new Set(ids)).toEqual(new Set(await told()))
  expect(await rig.views.eventsOfIncident('inc-1')).toMatchObject([{ type: 'message.sent', message: { id: ids[0] } }])
  const [fire] = await rig.views.openIncidents()
  expect(await outbox.ofIncident(fire?.id ?? '')).toMatchObject([{ state: 'sent', occasion: 'confirmed' }])
})
