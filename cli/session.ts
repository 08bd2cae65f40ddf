import { userInfo } from 'node:os'
import { stateFile } from '../store/files.ts'
import type { Accounts, Registry, Residents, Views } from '../store/state/port.ts'
import { openAccounts, openRegistry, openResidents, openViews } from '../store/state/sqlite.ts'
import type { Config } from './config.ts'

/** What one command works on. Everything is opened when it is first asked for, and closed at the end. */
export class Session {
  readonly config: Config
  readonly env: NodeJS.ProcessEnv
  private readonly opened: { close(): Promise<void> }[] = []
  private registryPort: Registry | undefined
  private accountsPort: Accounts | undefined
  private residentsPort: Residents | undefined
  private viewsPort: Views | undefined

  constructor(config: Config, env: NodeJS.ProcessEnv) {
    this.config = config
    this.env = env
  }

  get registry(): Registry {
    this.registryPort ??= this.keep(openRegistry(stateFile(this.config.dataDir)))
    return this.registryPort
  }

  get accounts(): Accounts {
    this.accountsPort ??= this.keep(openAccounts(stateFile(this.config.dataDir)))
    return this.accountsPort
  }

  get residents(): Residents {
    this.residentsPort ??= this.keep(openResidents(stateFile(this.config.dataDir)))
    return this.residentsPort
  }

  get views(): Views {
    this.viewsPort ??= this.keep(openViews(stateFile(this.config.dataDir)))
    return this.viewsPort
  }

  /** Who stands in the audit for what is done at the command line: the operating system's user. */
  get actor(): string {
    return `cli:${osUser()}`
  }

  audit(action: string, target: string, detail = ''): Promise<void> {
    return this.accounts.audit({ at: Date.now(), actor: this.actor, action, target, detail })
  }

  async close(): Promise<void> {
    for (const port of this.opened) await port.close()
  }

  private keep<T extends { close(): Promise<void> }>(port: T): T {
    this.opened.push(port)
    return port
  }
}

/** A container may run under a number that has no name. */
function osUser(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'unknown')
  }
}
