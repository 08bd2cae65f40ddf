import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { noticeSchema } from '../../contract/notice.ts'
import { draftChannel } from '../../store/channel-edit.ts'
import { stateFile } from '../../store/files.ts'
import { openChannels } from '../../store/state/sqlite.ts'
import type { System } from '../system.ts'

/**
 * Where a confirmed fire is forwarded to: a webhook on the loopback that notes when each message came. What is measured is
 * the whole way: sent by the device, on disk, detected, confirmed, decided who hears it, delivered.
 */
export interface Forwarding {
  /** When the next confirmed fire arrives at the channel, ms since 1970; undefined where none does in time. */
  next(timeoutMs: number): Promise<number | undefined>
  close(): Promise<void>
}

/** @param now ms since 1970 with fractions */
export async function startForwarding(system: System, now: () => number): Promise<Forwarding> {
  const seen = new Set<string>()
  let arrived: (at: number) => void = () => undefined
  const server = createServer((request, response) => {
    const at = now()
    void text(request).then((body) => {
      response.writeHead(204).end()
      const { id } = noticeSchema.parse(JSON.parse(body))
      if (seen.has(id)) return
      seen.add(id)
      arrived(at)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const channels = openChannels(stateFile(system.dataDir))
  try {
    const rule = { kinds: [], occasions: ['confirmed' as const], fromStep: 0, atLeast: 'WARNING' as const }
    const rules = [{ ...rule, placeId: null, shift: null }]
    const given = { kind: 'webhook' as const, name: 'bench', settings: { url }, secrets: {}, rules }
    await channels.put(draftChannel(given, Date.now()))
  } finally {
    await channels.close()
  }
  return {
    next: (timeoutMs) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => resolve(undefined), timeoutMs)
        arrived = (at) => {
          clearTimeout(timer)
          resolve(at)
        }
      }),
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
