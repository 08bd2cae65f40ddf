import { text } from 'node:stream/consumers'
import type { Command } from 'commander'
import { ROLES, type Role } from '../../contract/roles.ts'
import { isUserName, plainName, USER_NAME_RULE } from '../../contract/user-name.ts'
import { hashPassword } from '../../store/identity.ts'
import { DuplicateName } from '../../store/state/duplicate-name.ts'
import { Mistake } from '../mistake.ts'
import { print, printJson, printTable } from '../print.ts'
import type { Session } from '../session.ts'
import { makeSignInLink } from '../sign-in-link.ts'
import type { Run } from './run.ts'

/** NIST SP 800-63B-4: a password that is the only factor. */
const SHORTEST_PASSWORD = 12

export function readName(name: string, what: string): string {
  const normal = plainName(name)
  if (isUserName(normal)) return normal
  throw new Mistake(`"${name}" cannot be the name of a ${what}: ${USER_NAME_RULE}.`)
}

export function readRole(role: string): Role {
  const known = ROLES.find((name) => name === role)
  if (known !== undefined) return known
  throw new Mistake(`There is no role "${role}"; the roles are ${ROLES.join(', ')}.`)
}

async function addUser(
  session: Session,
  nameText: string,
  options: { readonly role: string; readonly passwordStdin?: true },
): Promise<void> {
  const name = readName(nameText, 'user')
  const role = readRole(options.role)
  const passwordHash = options.passwordStdin === true ? await hashPassword(await readPassword()) : null
  const createdAt = Date.now()
  try {
    await session.accounts.addUser({ name, role, passwordHash, createdAt })
  } catch (error) {
    if (!(error instanceof DuplicateName)) throw error
    throw new Mistake(`There is already a user ${name}. A new sign-in link for them: user link ${name}`)
  }
  await session.audit('user.add', name, role)
  print(`Added ${name} (${role}).`)
  if (passwordHash !== null) print(`They sign in at ${session.config.consoleUrl} with the password you gave.`)
  else await printLink(session, name)
}

async function readPassword(): Promise<string> {
  const password = (await text(process.stdin)).replace(/\r?\n$/, '')
  if (password.length >= SHORTEST_PASSWORD) return password
  throw new Mistake(
    `The password on standard input has ${password.length} characters; it must have at least ${SHORTEST_PASSWORD}.`,
  )
}

async function linkUser(session: Session, name: string): Promise<void> {
  const user = await session.accounts.user(name)
  if (user === undefined) throw noSuchUser(name)
  if (user.disabled) throw new Mistake(`${name} is disabled. Let them in again first: user enable ${name}`)
  await session.audit('user.link', name)
  await printLink(session, name)
}

async function printLink(session: Session, name: string): Promise<void> {
  const link = await makeSignInLink(session.accounts, name, session.config.consoleUrl, Date.now())
  print(`${name} signs in with this link, once, within 24 hours, and then chooses a password:`)
  print(link)
}

async function listUsers(session: Session, options: { readonly json?: true }): Promise<void> {
  const users = await session.accounts.users()
  if (options.json === true) return printJson(users)
  if (users.length === 0) return print('There is no user yet: npm start makes the first one.')
  printTable(
    ['name', 'role', 'password', 'may sign in', 'since'],
    users.map((user) => [
      user.name,
      user.role,
      user.hasPassword ? 'set' : 'not yet',
      user.disabled ? 'no' : 'yes',
      day(user.createdAt),
    ]),
  )
}

async function removeUser(session: Session, name: string): Promise<void> {
  if (!(await session.accounts.removeUser(name))) throw noSuchUser(name)
  await session.audit('user.remove', name)
  print(`Removed ${name}. Their open sessions and links no longer work.`)
}

async function changeRole(session: Session, name: string, roleText: string): Promise<void> {
  const role = readRole(roleText)
  if (!(await session.accounts.changeUser(name, { role }, { keepAdmin: false }))) throw noSuchUser(name)
  await session.audit('user.role', name, role)
  print(`${name} is ${role} now, on open consoles too.`)
}

async function setDisabled(session: Session, name: string, disabled: boolean): Promise<void> {
  if (!(await session.accounts.changeUser(name, { disabled }, { keepAdmin: false }))) throw noSuchUser(name)
  await session.audit(disabled ? 'user.disable' : 'user.enable', name)
  print(
    disabled
      ? `${name} may no longer sign in and is signed out everywhere. What they did stays in the audit.`
      : `${name} may sign in again.`,
  )
}

async function signOutUser(session: Session, name: string): Promise<void> {
  if ((await session.accounts.user(name)) === undefined) throw noSuchUser(name)
  const ended = await session.accounts.removeSessions(name)
  await session.audit('session.end', name, JSON.stringify({ everywhere: ended }))
  print(`Signed ${name} out of ${ended} ${ended === 1 ? 'place' : 'places'}. Unused links no longer work either.`)
}

const noSuchUser = (name: string): Mistake => new Mistake(`There is no user ${name}. \`user list\` shows who there is.`)

export const day = (at: number): string => new Date(at).toISOString().slice(0, 10)

export function addUserCommands(parent: Command, run: Run): void {
  const user = parent.command('user').description('who may sign in to the console')
  user
    .command('add')
    .argument('<name>')
    .requiredOption('--role <role>', ROLES.join(', '))
    .option('--password-stdin', 'read a password from standard input instead of making a sign-in link')
    .description('prints a one-time sign-in link alone on the last line')
    .action(run(addUser))
  user.command('list').option('--json', 'as JSON').description('every user').action(run(listUsers))
  user
    .command('link')
    .argument('<name>')
    .description('a new one-time sign-in link, alone on the last line')
    .action(run(linkUser))
  user
    .command('role')
    .argument('<name>')
    .argument('<role>', ROLES.join(', '))
    .description('another role, at once')
    .action(run(changeRole))
  user
    .command('disable')
    .argument('<name>')
    .description('signs them out everywhere and keeps them out')
    .action(run((session, name: string) => setDisabled(session, name, true)))
  user
    .command('enable')
    .argument('<name>')
    .description('lets them in again')
    .action(run((session, name: string) => setDisabled(session, name, false)))
  user
    .command('sign-out')
    .argument('<name>')
    .description('ends every session of theirs; their consoles close within a second')
    .action(run(signOutUser))
  user.command('remove').argument('<name>').description('signs them out everywhere').action(run(removeUser))
}
