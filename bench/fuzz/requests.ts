import { request } from 'node:http'
import { between, oneOf } from '../random.ts'
import type { Attack } from './attackers.ts'
import { mutate } from './mutate.ts'

const PATIENCE_MS = 2000

const TARGETS = [
  '/api/alarms?state=active&limit=10&cursor=eyJhIjoxfQ',
  '/api/devices?limit=5&cursor=abc',
  '/api/devices/meter-0/readings?from=1&to=2&limit=3',
  '/api/devices/meter-0/history?quantity=volume&from=1&to=2&step=3600000',
  '/api/events?after=1&limit=2',
  '/api/quarantine?reason=payload.shape',
  '/api/search?q=meter',
  '/tiles/10/800/400.pbf',
  '/socket.io/?EIO=4&transport=polling',
  '/healthz',
] as const
const BODIES = ['{"disposition":"real","note":"x"}', '{"name":"admin","password":"x"}', '[]'] as const
const METHODS = ['GET', 'GET', 'GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'] as const

/** Addresses, methods and bodies that are not quite right, with and without a token. @returns answers of 500 and above */
export async function mutateRequests(attack: Attack, token: string): Promise<number> {
  const { random } = attack
  const targets = TARGETS.map((target) => Buffer.from(target))
  const bodies = BODIES.map((body) => Buffer.from(body))
  let failures = 0
  while (!attack.until()) {
    const path = `/${mutate(random, oneOf(random, targets), targets)
      .toString('latin1')
      // What Node's own client refuses to send at all.
      .replaceAll(/[^\x21-\xff]/g, '%00')
      .slice(1, between(random, 2, 400))}`
    const body = mutate(random, oneOf(random, bodies), bodies)
    const status = await ask(attack.port, oneOf(random, METHODS), path, random() < 0.7 ? token : '', body)
    attack.sent()
    // 503 says that something is away, and is meant.
    if (status >= 500 && status !== 503) failures++
  }
  return failures
}

function ask(port: number, method: string, path: string, token: string, body: Uint8Array): Promise<number> {
  return new Promise((resolve) => {
    const headers = {
      'content-type': 'application/json',
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
    }
    const asked = request({ host: '127.0.0.1', port, method, path, headers, timeout: PATIENCE_MS }, (answer) => {
      answer.resume()
      answer.once('close', () => resolve(answer.statusCode ?? 0))
    })
    asked.once('timeout', () => asked.destroy())
    asked.once('error', () => resolve(0))
    asked.end(method === 'GET' ? undefined : body)
  })
}
