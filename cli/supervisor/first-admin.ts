import type { Accounts } from '../../store/state/accounts-port.ts'
import { makeSignInLink } from '../sign-in-link.ts'

const FIRST_ADMIN = 'admin'

/**
 * Makes the first user where there is none. Resolves with a sign-in link as long as that user has no password: whoever
 * can start Hydrant can read its files, so the link gives away nothing that they do not have.
 */
export async function firstAdminLink(accounts: Accounts, consoleUrl: string, now: number): Promise<string | undefined> {
  const audit = (action: string, detail: string): Promise<void> =>
    accounts.audit({ at: now, actor: 'start', action, target: FIRST_ADMIN, detail })
  if ((await accounts.users()).length === 0) {
    await accounts.addUser({ name: FIRST_ADMIN, role: 'admin', passwordHash: null, createdAt: now })
    await audit('user.add', 'admin')
  }
  const admin = await accounts.user(FIRST_ADMIN)
  if (admin === undefined || admin.role !== 'admin' || admin.hasPassword || admin.disabled) return undefined
  await audit('user.link', '')
  return makeSignInLink(accounts, FIRST_ADMIN, consoleUrl, now)
}
