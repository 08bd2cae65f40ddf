/**
 * What a dispatcher must know about Hydrant itself: not an alarm of a device, but a reason why alarms or readings may be
 * late or missing. Goes away by itself when it is over.
 */
export interface Notice {
  /** The sort of notice, stable; there is one of each at a time. */
  readonly code: 'disk.guard' | 'broker.silent' | 'ingest.silent' | 'certificate.expires'
  /** Nothing is wrong yet: said quietly, and not on the wall. */
  readonly ahead?: true
  readonly en: string
  readonly zh: string
}
