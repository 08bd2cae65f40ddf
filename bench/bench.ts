import { existsSync } from 'node:fs'
import { join } from 'node:path'

/**
 * `npm run bench -- <name> [flags] --json`. A bench is a file beside this one that exports
 * `run(args): Promise<number>`: it prints one JSON object with `--json`, else a table for a person, and gives the exit
 * code. It is loaded only when it is asked for.
 */
export interface Bench {
  /** @param args what stands behind the name on the command line */
  run(args: readonly string[]): Promise<number>
}

const BENCHES: Readonly<Record<string, string>> = {
  gate: 'durable QoS 1 acknowledgements a second, beside mosquitto in the same run',
  alarm: 'publish of a smoke alarm → painted in a browser',
  history: 'bytes and time per reading, a meter’s year, a village’s day, beside a row per reading',
  crash: 'kill -9 of the roles under load: lost readings and doubled alarms',
  faults: 'every fault of the list, injected for real: acked, stored, lost, duplicate alarms, recovery',
  herd: 'ten thousand devices: memory per connection, reconnection after a kill, a fire alarm meanwhile',
  soak: 'hours of ordinary load: memory, file handles and journal size',
  fuzz: 'mutated MQTT packets and payloads against the real roles: crashes and memory',
}

const [name, ...args] = process.argv.slice(2)
if (name === undefined || name === '--help' || name === '-h') {
  console.log(usage())
  process.exitCode = name === undefined ? 2 : 0
} else if (!Object.hasOwn(BENCHES, name)) {
  console.error(`There is no bench "${name}".\n\n${usage()}`)
  process.exitCode = 2
} else {
  const file = join(import.meta.dirname, `${name}.ts`)
  if (existsSync(file)) {
    const bench = (await import(file)) as Bench
    process.exitCode = await bench.run(args)
  } else {
    console.error(`The bench "${name}" is not part of this version.`)
    process.exitCode = 2
  }
}

function usage(): string {
  const rows = Object.entries(BENCHES).map(([bench, about]) => `  ${bench.padEnd(8)} ${about}`)
  return `npm run bench -- <name> [flags] [--json]\n\n${rows.join('\n')}\n\nnpm run bench -- <name> --help tells a bench's flags.`
}
