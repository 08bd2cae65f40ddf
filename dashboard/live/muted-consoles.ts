import type { MutedConsole } from '../../contract/live.ts'

/** Whose bell is silent now: a fire that nobody hears somewhere is known to the others. Gone with the connection. */
export class MutedConsoles {
  private readonly byClient = new Map<object, MutedConsole>()

  mute(client: object, name: string, until: number): void {
    this.byClient.set(client, { name, until })
  }

  /** @returns whether it was silent */
  unmute(client: object): boolean {
    return this.byClient.delete(client)
  }

  at(now: number): readonly MutedConsole[] {
    return [...this.byClient.values()].filter(({ until }) => until > now)
  }
}
