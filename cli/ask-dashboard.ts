import { readFileSync } from 'node:fs'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { text } from 'node:stream/consumers'
import type { Role } from '../contract/roles.ts'
import { hashSecret, makeSecret } from '../store/identity.ts'
import type { Config } from './config.ts'
import { Mistake } from './mistake.ts'
import type { Session } from './session.ts'

/** Characters of a token's name that tell two commands at the same time apart. */
const NAME_DIGITS = 6
const MULTIPLE_CHOICES = 300

export type Ask = <T>(path: string, body: unknown) => Promise<T>

/**
 * What only the running dashboard can do: it alone writes the operator lane. The command line makes itself a token for as
 * long as `work` takes; in the audit it stands with the operating system's user.
 * @throws Mistake where Hydrant is not running or refuses
 */
export async function askDashboard<T>(session: Session, role: Role, work: (ask: Ask) => Promise<T>): Promise<T> {
  const secret = makeSecret()
  const name = `${session.actor}#${makeSecret().slice(0, NAME_DIGITS)}`
  await session.accounts.addToken({ name, role, tokenHash: hashSecret(secret), createdAt: Date.now() })
  try {
    return await work((path, body) => post(session.config, path, secret, body))
  } finally {
    await session.accounts.removeToken(name)
  }
}

async function post<T>(config: Config, path: string, secret: string, body: unknown): Promise<T> {
  const { status, answer } = await send(config, path, secret, JSON.stringify(body)).catch((error: Error) => {
    throw new Mistake(
      `Hydrant does not answer at ${config.httpUrl} (${error.message}). Start it with \`npm start\`, then try again.`,
    )
  })
  const said: unknown = JSON.parse(answer)
  if (status < MULTIPLE_CHOICES) return said as T
  const { error } = said as { readonly error: { readonly message: string; readonly todo?: string } }
  throw new Mistake([error.message, error.todo].filter((sentence) => sentence !== undefined).join('\n'))
}

function send(config: Config, path: string, secret: string, body: string): Promise<{ status: number; answer: string }> {
  const url = `${config.httpUrl}${path}`
  const options = {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
  }
  return new Promise((resolve, reject) => {
    const request =
      config.tls === undefined || !url.startsWith('https:')
        ? requestHttp(url, options)
        : // The certificate is this machine's own: it is known by itself, whatever name it is for.
          requestHttps(url, {
            ...options,
            ca: readFileSync(config.tls.cert),
            allowPartialTrustChain: true,
            checkServerIdentity: () => undefined,
          })
    request.once('response', (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode ?? 0, answer }), reject)
    })
    request.once('error', reject)
    request.end(body)
  })
}
