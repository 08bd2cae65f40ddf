/** Which InfluxDB, and what in it, the history is kept in. */
export interface InfluxTarget {
  /** `http(s)://host:port`, perhaps with a path, without credentials. */
  readonly url: string
  /** The token; `user:password` for InfluxDB 1.x; undefined where it asks for none. Never logged. */
  readonly token: string | undefined
  /** InfluxDB 2.x needs it, the others ignore it. */
  readonly org: string
  /** The bucket, or the database of InfluxDB 1.x and 3. */
  readonly bucket: string
}
