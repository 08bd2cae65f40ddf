import { hashSecret, makeSecret } from '../store/identity.ts'
import type { Accounts } from '../store/state/port.ts'

/** A new colleague should be able to use it tomorrow morning; a forgotten one should not work next week. */
const LINK_HOURS = 24
const HOUR_MS = 3_600_000

/** A link that signs `userName` in once. Only its hash is kept. */
export async function makeSignInLink(
  accounts: Accounts,
  userName: string,
  consoleUrl: string,
  now: number,
): Promise<string> {
  const token = makeSecret()
  await accounts.addLink(hashSecret(token), userName, now + LINK_HOURS * HOUR_MS)
  return `${consoleUrl}/sign-in?token=${token}`
}
