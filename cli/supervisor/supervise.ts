import type { Role, Started } from './role.ts'

/** How long a role may take to store what it holds. */
const GRACE_MS = 10_000
/** A role that has not said that it serves after this long is worth a word. */
const SLOW_MS = 20_000
/** After the first refusal: how long the others have to say what is wrong with theirs, so that it is all said at once. */
const OTHERS_MS = 1500

export interface Plan {
  /** Started together. Stopped in the reverse order. */
  readonly servers: readonly Role[]
  /** Started when the first of the servers serves (it speaks to that one); stopped before all of them. */
  readonly clients: readonly Role[]
}

export interface Supervised {
  /** Resolves when every server serves, or with the sentences of those that refuse their configuration. */
  readonly ready: Promise<readonly string[]>
  stop(): Promise<void>
}

export function supervise(plan: Plan, print: (line: string) => void): Supervised {
  const watch = async (role: Role): Promise<Started> => {
    const slow = setTimeout(() => print(`${role.name} is taking long to start …`), SLOW_MS)
    const started = await role.start()
    clearTimeout(slow)
    return started
  }
  let stopping = false
  const starts = plan.servers.map(watch)
  const startClients = async (): Promise<void> => {
    if ((await starts[0])?.ok !== true || stopping) return
    for (const role of plan.clients) {
      const started = await watch(role)
      if (!started.ok) print(`${role.name} cannot start: ${started.refused.join(' ')}`)
    }
  }
  const clients = startClients()
  return {
    ready: firstOutcome(starts),
    stop: async () => {
      stopping = true
      for (const role of [...plan.servers, ...plan.clients].toReversed()) await role.stop(GRACE_MS)
      await clients
    },
  }
}

async function firstOutcome(starts: readonly Promise<Started>[]): Promise<readonly string[]> {
  const refused = new Set<string>()
  const collect = (started: Started): boolean => {
    if (!started.ok) for (const sentence of started.refused) refused.add(sentence)
    return started.ok
  }
  await new Promise<void>((resolve) => {
    for (const start of starts)
      void start.then((started) => {
        if (!collect(started)) setTimeout(resolve, OTHERS_MS)
      })
    void Promise.all(starts).then(() => resolve())
  })
  return [...refused]
}
