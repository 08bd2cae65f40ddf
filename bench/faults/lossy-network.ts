import { setTimeout as sleep } from 'node:timers/promises'
import { percentile } from '../percentile.ts'
import { runCommand } from '../system.ts'
import { type Fault, promises } from './fault.ts'
import { underLoad } from './under-load.ts'

/**
 * A third of all packets is lost, in both directions. The broker is in a network of its own, and that network's filter
 * loses them: unlike netem it is in every kernel, and nobody else's packets pass it.
 */
const LOSS_PERCENT = 30
/** TEST-NET-2 (RFC 5737): nobody's. */
const HERE = '198.51.100.1'
const THERE = '198.51.100.2'
const PREFIX = '30'
/** TCP needs seconds for what it does in milliseconds otherwise. */
const SECONDS_FACTOR = 3

/** Names of this process, so that two benches do not meet. */
const NETWORK = `hydrant-${process.pid}`
const NEAR = `hy${process.pid}a`
const FAR = `hy${process.pid}b`

const run = async (...words: readonly string[]): Promise<void> => {
  const { code, stderr } = await runCommand(words[0] as string, words.slice(1))
  if (code !== 0) throw new Error(`${words.join(' ')}: ${stderr.trim()}`)
}
const there = (...words: readonly string[]): Promise<void> => run('ip', 'netns', 'exec', NETWORK, ...words)

async function makeNetwork(): Promise<void> {
  await run('ip', 'netns', 'add', NETWORK)
  await run('ip', 'link', 'add', NEAR, 'type', 'veth', 'peer', 'name', FAR, 'netns', NETWORK)
  await run('ip', 'addr', 'add', `${HERE}/${PREFIX}`, 'dev', NEAR)
  await run('ip', 'link', 'set', NEAR, 'up')
  await there('ip', 'addr', 'add', `${THERE}/${PREFIX}`, 'dev', FAR)
  await there('ip', 'link', 'set', FAR, 'up')
  await there('ip', 'link', 'set', 'lo', 'up')
}

/** The wire is gone with its network. */
const removeNetwork = (): Promise<unknown> => runCommand('ip', ['netns', 'del', NETWORK])

/** What goes to the broker, and what comes from it. */
const LOSING = ['prerouting', 'postrouting']
  .map(
    (hook) =>
      `add chain ip lossy ${hook} { type filter hook ${hook} priority 0 ; }; add rule ip lossy ${hook} numgen random mod 100 < ${LOSS_PERCENT} drop`,
  )
  .join('; ')
const lose = (): Promise<void> => there('nft', `add table ip lossy; ${LOSING}`)
const heal = (): Promise<void> => there('nft', 'delete table ip lossy')

export const LOSSY_NETWORK: Fault = {
  name: 'network.loss',
  number: 7,
  about: `${LOSS_PERCENT} % of all packets between devices and broker are lost, in both directions`,
  missing: async () => {
    try {
      await makeNetwork()
      await lose()
      return undefined
    } catch {
      return 'root, ip and nft (Debian’s packages iproute2 and nftables)'
    } finally {
      await removeNetwork()
    }
  },
  run: async (context) => {
    await makeNetwork()
    try {
      return await underLoad(
        context,
        {
          through: { broker: ['ip', 'netns', 'exec', NETWORK] },
          env: { HYDRANT_MQTT_HOST: THERE, HYDRANT_ALLOW_PLAIN: '1' },
          broker: ({ mqttPort }) => ({ host: THERE, port: mqttPort }),
        },
        {
          inject: async ({ load }) => {
            const seconds = context.seconds * SECONDS_FACTOR
            const from = performance.now()
            await lose()
            await sleep(seconds * 1000)
            const during = load.pubackTimes(from)
            await heal()
            return {
              injected: `${LOSS_PERCENT} % packet loss in both directions for ${seconds} s`,
              pubacksMeanwhile: during.length,
              pubackP50Ms: percentile(during, 0.5),
              pubackP99Ms: percentile(during, 0.99),
              broken: promises({ 'nothing was acknowledged over the bad network': during.length > 0 }),
            }
          },
        },
      )
    } finally {
      await removeNetwork()
    }
  },
}
