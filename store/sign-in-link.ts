import { hashSecret, makeSecret } from './identity.ts'
import type { Accounts } from './state/accounts-port.ts'

/** A new colleague should be able to use it tomorrow morning; a forgotten one should not work next week. */
const LINK_HOURS = 24
const HOUR_MS = 3_600_000

/** The path of a link that signs `userName` in once, within 24 hours. Only its hash is kept. */
export async function makeSignInPath(
  accounts: Pick<Accounts, 'addLink'>,
  userName: string,
  now: number,
): Promise<string> {
  const token = makeSecret()
  await accounts.addLink(hashSecret(token), userName, now + LINK_HOURS * HOUR_MS)
  return `/sign-in?token=${token}`
}
