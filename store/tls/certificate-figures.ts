import type { CertificateWatch } from './certificate-watch.ts'

/** Under which name each listener publishes when its certificate runs out. */
export const EXPIRY_FIGURES = {
  mqtt: 'mqtt_tls_certificate_expires_in_seconds',
  http: 'http_tls_certificate_expires_in_seconds',
} as const

/** What a listener's certificate looks like in /metrics: seconds until it runs out, and 1 where a new one was refused. */
export const certificateFigures = (
  listener: keyof typeof EXPIRY_FIGURES,
  certificate: Pick<CertificateWatch, 'secondsLeft' | 'reloadFailed'>,
): Record<string, number> => ({
  [EXPIRY_FIGURES[listener]]: certificate.secondsLeft,
  [`${listener}_tls_certificate_refused`]: Number(certificate.reloadFailed),
})
