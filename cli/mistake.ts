/** Exit codes of every command. */
export const EXIT_FAILED = 1
export const EXIT_MISTAKE = 2

/** What the person who typed the command can put right: shown as plain sentences, never with a stack. */
export class Mistake extends Error {
  override name = 'Mistake'
}

/** What HYDRANT_DATA_DIR names can be no folder of ours. */
export const noDataFolder = (dataDir: string, error: unknown): Mistake =>
  new Mistake(
    `The data folder ${dataDir} cannot be made (${error instanceof Error ? error.message : error}). Name another one with HYDRANT_DATA_DIR.`,
  )
