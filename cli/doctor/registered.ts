import { existsSync } from 'node:fs'
import { stateFile } from '../../store/files.ts'
import { openAccounts, openRegistry, openViews } from '../../store/state/sqlite.ts'
import { type Check, good } from './check.ts'

/** How much is known: nothing of it is wrong, but a person sees at once whether it is the folder they meant. */
export async function checkRegistered(dataDir: string): Promise<readonly Check[]> {
  if (!existsSync(stateFile(dataDir))) return [good('registry', 'nothing is registered yet')]
  const [registry, accounts, views] = [
    openRegistry(stateFile(dataDir)),
    openAccounts(stateFile(dataDir)),
    openViews(stateFile(dataDir)),
  ]
  try {
    const [devices, users, { readings }, open] = [
      await registry.count(),
      await accounts.users(),
      await views.totals(),
      await views.alarms({ state: 'open', limit: 1 }),
    ]
    return [
      good('registry', `${devices} devices, ${users.length} users`),
      good('readings', `${readings} understood so far, ${open.total} open alarms`),
    ]
  } finally {
    for (const port of [registry, accounts, views]) await port.close()
  }
}
