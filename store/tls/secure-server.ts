import { constants, randomBytes } from 'node:crypto'
import type { SecureContextOptions, Server, TlsOptions } from 'node:tls'
import type { CertificateWatch } from './certificate-watch.ts'

/**
 * Forward secrecy and authenticated encryption only; 128 bits first, because meters have no hardware for more. CCM is
 * what small devices' stacks are built for (RFC 7925 asks for its short form, whose 8-byte tag OpenSSL counts as unsafe).
 */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-CCM',
].join(':')

/** What Node.js wants for the keys of session tickets: name, HMAC and AES, 16 bytes each. */
const TICKET_KEY_BYTES = 48
/**
 * A ticket spares a device that reports once an hour the signature. Its keys are forgotten every day: with TLS 1.2 who
 * steals them reads everything that was resumed under them.
 */
const TICKETS_LAST_S = 86_400
/** OpenSSL resumes no session that had a client certificate unless it is named. */
const SESSION_CONTEXT = 'hydrant'

/** Options of a TLS server that shows this certificate, with tickets of its own. */
const secureContextOptions = ({ current }: Pick<CertificateWatch, 'current'>): SecureContextOptions => ({
  cert: current.certPem,
  key: current.keyPem,
  ...(current.clientCaPem === undefined ? {} : { ca: current.clientCaPem }),
  minVersion: 'TLSv1.2',
  ciphers: CIPHERS,
  honorCipherOrder: true,
  // A renegotiation costs the server a signature and the client nothing (CVE-2011-1473).
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  sessionIdContext: SESSION_CONTEXT,
  sessionTimeout: TICKETS_LAST_S,
  ticketKeys: randomBytes(TICKET_KEY_BYTES),
})

/**
 * The same for a server that is to be made. Who shows a client certificate is judged by the server itself: a device
 * without one may still have a password.
 */
export const secureServerOptions = (certificate: CertificateWatch): TlsOptions => ({
  ...secureContextOptions(certificate),
  requestCert: certificate.current.clientCaPem !== undefined,
  rejectUnauthorized: false,
})

/**
 * Keeps a server's certificate and ticket keys fresh. Connections that stand keep theirs.
 * @returns what ends it
 */
export function keepFresh(server: Pick<Server, 'setSecureContext'>, certificate: CertificateWatch): () => void {
  const renew = (): void => server.setSecureContext(secureContextOptions(certificate))
  certificate.onReload.push(renew)
  const tickets = setInterval(renew, TICKETS_LAST_S * 1000)
  tickets.unref()
  return () => clearInterval(tickets)
}
