import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type Rehearsal, rehearse } from '../rehearsal.ts'

let stage: Rehearsal
beforeAll(async () => {
  stage = await rehearse()
})
afterAll(() => stage.end())

/** A live connection by hand: Engine.IO has let it in, nobody knows who it is. */
async function stranger(): Promise<{ socket: WebSocket; heard: string[] }> {
  const heard: string[] = []
  const socket = new WebSocket(`${stage.dashboard.url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`)
  socket.on('message', (data: Buffer) => heard.push(data.toString()))
  socket.on('error', () => undefined)
  await once(socket, 'open')
  return { socket, heard }
}
/** Engine.IO's answer to a ping: no request of anybody. */
const PONG = '3'

test('who floods the live stream with messages that are no requests is cut off, whoever it is', async () => {
  const { socket } = await stranger()
  for (let n = 0; n < 2000; n++) socket.send(PONG)
  await once(socket, 'close')
  // The others are served.
  const { socket: other, heard } = await stranger()
  for (let n = 0; n < 100; n++) other.send(PONG)
  other.send(`40${JSON.stringify({ token: await stage.token('kiosk', 'viewer') })}`)
  await expect.poll(() => heard.some((message) => message.startsWith('40{'))).toBe(true)
  other.close()
})
