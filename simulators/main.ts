import { BadSettings } from '../contract/settings.ts'
import { readConfig } from './config.ts'
import { DEMO_SEED, runDemo } from './run-demo.ts'

/** What `npm start` runs: the demo fleet, as the environment says. */
try {
  const config = readConfig(process.env)
  process.exit(await runDemo({ ...config, seed: DEMO_SEED }, config.logLevel))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(error instanceof BadSettings ? 2 : 1)
}
