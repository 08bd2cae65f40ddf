import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { stateFile } from '../../store/files.ts'
import { NO_DECISION } from '../../store/state/port.ts'
import { openChannels, openDecisions, openOutbox, openViews } from '../../store/state/sqlite.ts'
import { httpReceiver, type Scripted } from './receivers.ts'
import { channel, messageTo } from './samples.ts'

/** The real process, killed as a power cut would: what was decided is delivered, under one id, and shown once. */

const DEADLINE_MS = 20_000

let running: ChildProcess | undefined
let dir: string
afterEach(() => {
  running?.kill('SIGKILL')
  rmSync(dir, { recursive: true, force: true })
})

async function start(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', 'main.ts')], {
    env: { ...process.env, HYDRANT_DATA_DIR: dir, HYDRANT_LOG_LEVEL: 'silent' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  running = child
  await once(child, 'message')
  return child
}

test('ingest killed before it delivers, and before it notes: delivered under the same id, once on the incident', async () => {
  dir = mkdtempSync(join(tmpdir(), 'hydrant-killed-'))
  const file = stateFile(dir)
  // It gets the message, and the power goes before it can answer.
  const there = await httpReceiver((): Scripted | undefined => {
    if (there.received.length > 1) return undefined
    running?.kill('SIGKILL')
    return 'hang'
  })
  const hook = channel('webhook', { url: there.url })
  const [channels, decisions, outbox, views] = [
    openChannels(file),
    openDecisions(file),
    openOutbox(file),
    openViews(file),
  ]
  try {
    await channels.put(hook)
    // Stored while no ingest lives: what one that was killed right behind its commit leaves.
    await decisions.commit({ ...NO_DECISION, messages: [messageTo(hook)] })
    const first = await start()
    await once(first, 'exit')
    expect(there.received).toHaveLength(1)
    expect(await outbox.waiting('webhook', 10)).toMatchObject([{ state: 'waiting', attempts: 0 }])

    await start()
    const deadline = Date.now() + DEADLINE_MS
    while ((await outbox.waiting('webhook', 10)).length > 0 && Date.now() < deadline) await sleep(20)
    const ids = there.received.map(({ headers }) => headers['webhook-id'])
    expect([ids.length, new Set(ids).size]).toEqual([2, 1])
    expect(await views.eventsOfIncident('inc-1')).toMatchObject([{ type: 'message.sent', message: { id: ids[0] } }])
  } finally {
    for (const one of [channels, decisions, outbox, views, there]) await one.close()
  }
})
