/** Protocol level, flags and keep-alive stand between the protocol's name and the client id (MQTT 3.1.1 §3.1.2). */
const BETWEEN = 4

/**
 * The client id that a CONNECT gives, before anybody has looked whether it is true. '' where there is none.
 * @param connect a whole and well-formed CONNECT, with its fixed header
 */
export function claimedId(connect: Buffer): string {
  let at = 1
  while ((connect[at] as number) >= 0x80) at += 1
  at += 1
  at += 2 + connect.readUInt16BE(at) + BETWEEN
  // A protocol that is not known may end here; it is refused when its turn comes.
  if (at + 2 > connect.length) return ''
  return connect.toString('utf8', at + 2, at + 2 + connect.readUInt16BE(at))
}
