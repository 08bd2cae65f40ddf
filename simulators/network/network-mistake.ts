/** What was asked for cannot be played; the message says what to do instead. */
export class NetworkMistake extends Error {
  override name = 'NetworkMistake'
}
