import { makeSecret } from '../store/identity.ts'
import { Mistake } from './mistake.ts'

/** NIST SP 800-63B §5.1.1: the shortest secret that a person may choose. */
const SHORTEST = 8
/** MQTT 3.1.1 §3.1.3.5 allows 64 KiB; nobody types more than this. */
const LONGEST = 256

/** What a device that has no secret of its own keeps in its place: no password has this hash. */
export const NO_SECRET = new Uint8Array()

/**
 * A secret that nobody chose. It never starts with `-`: a spreadsheet would take it for a formula, and a command line
 * for an option.
 */
export function freshSecret(): string {
  let secret = makeSecret()
  while (secret.startsWith('-')) secret = makeSecret()
  return secret
}

/** What is wrong with a secret that someone chose, or undefined. */
export function faultOfSecret(secret: string): string | undefined {
  if (secret.length < SHORTEST) return `a secret has at least ${SHORTEST} characters; leave it out to have one made`
  if (secret.length > LONGEST) return `a secret has at most ${LONGEST} characters`
  if (/[\p{Cc}\s]/u.test(secret)) return 'a secret has no spaces, tabs or line ends'
  return undefined
}

export function chosenSecret(secret: string): string {
  const fault = faultOfSecret(secret)
  if (fault !== undefined) throw new Mistake(`This secret cannot be used: ${fault}.`)
  return secret
}
