/**
 * `npm run evaluate -- <world> [flags] [--json]`: the rules of production on a world whose truth is known. A world is a
 * file in `evaluate/` that exports `run(args): Promise<number>`: it prints one JSON object with `--json`, else tables for a
 * person, and gives the exit code (1: something that must hold does not).
 */
interface World {
  /** @param args what stands behind the name on the command line */
  run(args: readonly string[]): Promise<number>
}

const WORLDS: Readonly<Record<string, { readonly about: string; load(): Promise<World> }>> = {
  nist: {
    about:
      'four real home fires: how long before the real smoke alarms each rule speaks, and what it costs in nuisances',
    load: () => import('./evaluate/nist.ts'),
  },
  nuisance: {
    about: 'a thousand sensor-years of cooking, steam, heaters, dust and dying batteries, and what is found in fires',
    load: () => import('./evaluate/nuisance.ts'),
  },
  household: {
    about: 'household meters with leaks, bursts, reverse flow, tampering and stuck registers among ordinary life',
    load: () => import('./evaluate/household.ts'),
  },
  care: {
    about: 'old people who live alone: illness, falls with the tap open, visits, absences with and without a word',
    load: () => import('./evaluate/care.ts'),
  },
  network: {
    about:
      'villages on two real networks with leaks in them: what is lost at night, found when and in which meter well',
    load: () => import('./evaluate/network.ts'),
  },
  'l-town': {
    about: "L-Town's real inflow of half a year with its official leaks",
    load: () => import('./evaluate/l-town.ts'),
  },
  dma: {
    about: 'seven real district inflows of two years with leaks added to them',
    load: () => import('./evaluate/dma.ts'),
  },
  leakdb: {
    about: "years of the Hanoi network as LeakDB made them, with LeakDB's scores",
    load: () => import('./evaluate/leakdb.ts'),
  },
}

const [name, ...args] = process.argv.slice(2)
if (name === undefined || name === '--help' || name === '-h') {
  console.log(usage())
  process.exitCode = name === undefined ? 2 : 0
} else if (name === '--docs') {
  const { writeDocs } = await import('./evaluate/docs.ts')
  process.exitCode = await writeDocs(args)
} else {
  const world = Object.hasOwn(WORLDS, name) ? WORLDS[name] : undefined
  if (world === undefined) {
    console.error(`There is no world "${name}".\n\n${usage()}`)
    process.exitCode = 2
  } else process.exitCode = await (await world.load()).run(args)
}

function usage(): string {
  const rows = Object.entries(WORLDS).map(([world, { about }]) => `  ${world.padEnd(9)} ${about}`)
  return `npm run evaluate -- <world> [--json]\n\n${rows.join('\n')}\n\nnpm run evaluate -- <world> --help tells a world's flags; npm run evaluate -- --docs [--seed N] [--only A,B] [--quick] writes docs/detection.md's tables.`
}
