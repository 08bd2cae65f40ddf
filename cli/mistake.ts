/** Exit codes of every command. */
export const EXIT_FAILED = 1
export const EXIT_MISTAKE = 2

/** What the person who typed the command can put right: shown as plain sentences, never with a stack. */
export class Mistake extends Error {
  override name = 'Mistake'
}
