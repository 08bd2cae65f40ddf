import { makeSignInPath } from '../store/sign-in-link.ts'
import type { Accounts } from '../store/state/accounts-port.ts'

/** A link that signs `userName` in once. */
export const makeSignInLink = async (
  accounts: Accounts,
  userName: string,
  consoleUrl: string,
  now: number,
): Promise<string> => consoleUrl + (await makeSignInPath(accounts, userName, now))
