import type { Command } from 'commander'
import { ROLES } from '../../contract/roles.ts'
import { hashSecret, makeSecret } from '../../store/identity.ts'
import { DuplicateName } from '../../store/state/duplicate-name.ts'
import { Mistake } from '../mistake.ts'
import { print, printJson, printTable } from '../print.ts'
import type { Session } from '../session.ts'
import type { Run } from './run.ts'
import { day, readName, readRole } from './user.ts'

async function addToken(session: Session, nameText: string, options: { readonly role: string }): Promise<void> {
  const name = readName(nameText, 'token')
  const role = readRole(options.role)
  const token = makeSecret()
  try {
    await session.accounts.addToken({ name, role, tokenHash: hashSecret(token), createdAt: Date.now() })
  } catch (error) {
    if (!(error instanceof DuplicateName)) throw error
    throw new Mistake(
      `There is already a token ${name}. Remove it first (token remove ${name}), or choose another name.`,
    )
  }
  await session.audit('token.add', name, role)
  print(`Added the token ${name} (${role}). Programs send it as: Authorization: Bearer TOKEN`)
  print(`For example: curl -H "Authorization: Bearer TOKEN" '${session.config.consoleUrl}/api/alarms?state=active'`)
  print('The token, shown only now:')
  print(token)
}

async function listTokens(session: Session, options: { readonly json?: true }): Promise<void> {
  const tokens = await session.accounts.tokens()
  if (options.json === true) return printJson(tokens)
  if (tokens.length === 0) return print('There is no token.')
  printTable(
    ['name', 'role', 'since'],
    tokens.map((token) => [token.name, token.role, day(token.createdAt)]),
  )
}

async function removeToken(session: Session, name: string): Promise<void> {
  if (!(await session.accounts.removeToken(name)))
    throw new Mistake(`There is no token ${name}. \`token list\` shows which there are.`)
  await session.audit('token.remove', name)
  print(`Removed the token ${name}. It no longer works.`)
}

export function addTokenCommands(parent: Command, run: Run): void {
  const token = parent.command('token').description('bearer tokens for programs that use the HTTP API')
  token
    .command('add')
    .argument('<name>', 'what it is for')
    .requiredOption('--role <role>', ROLES.join(', '))
    .description('prints the token alone on the last line')
    .action(run(addToken))
  token.command('list').option('--json', 'as JSON').description('every token').action(run(listTokens))
  token.command('remove').argument('<name>').description('it stops working at once').action(run(removeToken))
}
