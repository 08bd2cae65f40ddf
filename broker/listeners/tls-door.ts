import type { Socket } from 'node:net'
import { createServer, type Server, TLSSocket } from 'node:tls'
import type { Reason } from '../../contract/reasons.ts'
import type { CertificateWatch } from '../../store/tls/certificate-watch.ts'
import { keepFresh, secureServerOptions } from '../../store/tls/secure-server.ts'

/** What a person reads about the failures that devices really have; others are told by OpenSSL's code alone. */
const FAILURES: Readonly<Record<string, string>> = {
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'speaks only versions below TLS 1.2',
  ERR_SSL_NO_SHARED_CIPHER: 'offers no cipher that is safe',
  ERR_SSL_WRONG_VERSION_NUMBER: 'speaks no TLS (plain MQTT on the TLS port?)',
  ERR_SSL_HTTP_REQUEST: 'speaks plain HTTP on the TLS port',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'does not know who signed the certificate of Hydrant',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'does not accept the certificate of Hydrant',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: 'does not accept the certificate of Hydrant',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: 'finds the certificate of Hydrant expired',
}

export interface TlsDoorOptions {
  readonly certificate: CertificateWatch
  readonly onRefused: (reason: Reason, detail: string) => void
}

/**
 * TLS on sockets that the front door has accepted and counts. It does not listen: limits and deadlines are the front
 * door's, so that a slow handshake holds a connection like any other silent client.
 */
export class TlsDoor {
  private readonly options: TlsDoorOptions
  private readonly server: Server
  private readonly endFreshness: () => void
  /** What follows a handshake, by the two ends of its connection: the only thing that both of its sockets tell. */
  private readonly waiting = new Map<string, { readonly raw: Socket; readonly onSecure: (socket: TLSSocket) => void }>()

  constructor(options: TlsDoorOptions) {
    this.options = options
    this.server = createServer(secureServerOptions(options.certificate))
    this.server.on('secureConnection', (socket) => this.established(socket))
    this.server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => this.failed(error, socket))
    this.endFreshness = keepFresh(this.server, options.certificate)
  }

  /** Begins the handshake. `onSecure` is not called when it fails, or when `raw` is destroyed before its end. */
  secure(raw: Socket, onSecure: (socket: TLSSocket) => void): void {
    const ends = endsOf(raw)
    this.waiting.set(ends, { raw, onSecure })
    raw.once('close', () => {
      if (this.waiting.get(ends)?.raw === raw) this.waiting.delete(ends)
    })
    this.server.emit('connection', raw)
  }

  close(): void {
    this.endFreshness()
  }

  private established(socket: TLSSocket): void {
    socket.on('error', () => socket.destroy())
    const ends = endsOf(socket)
    const waiting = this.waiting.get(ends)
    this.waiting.delete(ends)
    const fault = faultOfClientCertificate(socket, Date.now())
    if (fault !== undefined) this.options.onRefused('auth.certificate', `${fault}, from ${socket.remoteAddress ?? ''}`)
    if (waiting === undefined || fault !== undefined) socket.destroy()
    else waiting.onSecure(socket)
  }

  private failed(error: NodeJS.ErrnoException, socket: TLSSocket): void {
    const address = socket.remoteAddress ?? ''
    socket.destroy()
    // A hang-up is no more remarkable here than before a CONNECT: load balancers look whether somebody listens.
    if (error.code === 'ECONNRESET') return
    const code = error.code ?? error.message
    const known = FAILURES[code]
    this.options.onRefused('tls.handshake', `${known === undefined ? code : `${known} (${code})`}, from ${address}`)
  }
}

export const isSecure = (socket: Socket): boolean => socket instanceof TLSSocket

/**
 * The names in the client certificate of a TLS socket: common names, then DNS names. Undefined where it showed none, or
 * is no TLS socket. Certificates that the trusted authority did not sign never come so far.
 */
export function certifiedAs(socket: Socket): readonly string[] | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined
  const { subject, subjectaltname } = socket.getPeerCertificate()
  if (subject === undefined) return undefined
  const { CN } = subject as { readonly CN?: string | readonly string[] }
  const common = CN === undefined ? [] : typeof CN === 'string' ? [CN] : CN
  return [...common, ...dnsNames(subjectaltname ?? '')]
}

/** Names that hold a comma are quoted: they are no device ids, and what is in them must not be taken for one. */
const dnsNames = (alternativeNames: string): readonly string[] =>
  [...alternativeNames.matchAll(/(?:^|, )[^:]+:("(?:[^"\\]|\\.)*"|[^,"]*)/g)]
    .map(([entry, name]) => (/^(, )?DNS:/.test(entry) ? name : undefined))
    .filter((name) => name !== undefined)

/** A resumed session brings its certificate along without being looked at again, also when it has run out meanwhile. */
function faultOfClientCertificate(socket: TLSSocket, now: number): string | undefined {
  const { subject, valid_to } = socket.getPeerCertificate()
  if (subject === undefined) return undefined
  if (!socket.authorized) return `client certificate refused: ${String(socket.authorizationError)}`
  return Date.parse(valid_to) < now ? 'client certificate refused: CERT_HAS_EXPIRED' : undefined
}

const endsOf = (socket: Socket): string =>
  `${socket.remoteAddress} ${socket.remotePort} ${socket.localAddress} ${socket.localPort}`
