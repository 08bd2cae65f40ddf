import type { Session } from '../session.ts'

/** Gives a command's action what it works on, and turns what goes wrong in it into a sentence and an exit code. */
export type Run = <A extends unknown[]>(
  action: (session: Session, ...args: A) => Promise<void>,
) => (...args: A) => Promise<void>
