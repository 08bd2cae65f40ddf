import { daysLeft, expiryStanding } from '../../contract/certificate-expiry.ts'
import type { TlsFiles } from '../../contract/tls-settings.ts'
import { type Certificate, checkCertificate, readTlsFiles } from './certificate.ts'

/** A few kilobytes from the page cache: 0.1 ms each time. */
const LOOK_EVERY_MS = 1000
const TELL_EVERY_MS = 86_400_000

interface Log {
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
  error(facts: object, message: string): void
}

export interface CertificateWatchOptions {
  readonly files: TlsFiles
  readonly log: Log
  /** ms since 1970. */
  readonly now?: () => number
}

/**
 * The certificate that is in use, and the files it came from. The files are read again every second and compared as a
 * whole, because that sees every way of exchanging them: in place, by rename, through a symbolic link (certbot), through
 * a link to a folder (Kubernetes), on a file system that sends no notices. What has changed is taken when it is the same
 * at two looks in a row, so that a pair is not judged while it is being written; what cannot be used is said, and the
 * certificate before it stays.
 */
export class CertificateWatch {
  current: Certificate
  /** Told after `current` has changed. */
  readonly onReload: (() => void)[] = []
  private readonly options: CertificateWatchOptions
  private readonly now: () => number
  /** The texts in use, those seen at the last look, and those that were judged and found bad. */
  private used: string
  private seen: string
  private refused: string | undefined
  private timer: NodeJS.Timeout | undefined
  private looking: Promise<void> = Promise.resolve()
  private toldAt = Number.NEGATIVE_INFINITY

  private constructor(options: CertificateWatchOptions, current: Certificate, text: string) {
    this.options = options
    this.now = options.now ?? Date.now
    this.current = current
    this.used = text
    this.seen = text
  }

  /** Reads the files. Rejects with BadCertificate: nothing can be served with them. */
  static async open(options: CertificateWatchOptions): Promise<CertificateWatch> {
    const texts = await readTlsFiles(options.files)
    const watch = new CertificateWatch(options, checkCertificate(options.files, texts), asOne(texts))
    watch.tellExpiry()
    return watch
  }

  start(): void {
    this.timer ??= setInterval(() => void this.look(), LOOK_EVERY_MS)
  }

  stop(): void {
    clearInterval(this.timer)
  }

  /** Until the certificate runs out; negative afterwards. */
  get secondsLeft(): number {
    return Math.floor((this.current.facts.expiresAt - this.now()) / 1000)
  }

  /** Whether the files hold something that cannot be used. */
  get reloadFailed(): boolean {
    return this.refused !== undefined
  }

  /** Looks once. `now`: somebody says that the files are complete (SIGHUP). Never rejects. */
  look(when: 'settled' | 'now' = 'settled'): Promise<void> {
    this.looking = this.looking
      .then(() => this.lookOnce(when === 'now'))
      .catch((error: unknown) =>
        this.options.log.error(
          { err: error },
          'a server does not take the new certificate and goes on with the one before',
        ),
      )
    return this.looking
  }

  private async lookOnce(atOnce: boolean): Promise<void> {
    const found = await this.read()
    const isSettled = found.text === this.seen
    this.seen = found.text
    if (found.text === this.used) this.refused = undefined
    else if ((isSettled && found.text !== this.refused) || atOnce) this.take(found)
    if (this.now() - this.toldAt >= TELL_EVERY_MS) this.tellExpiry()
  }

  private async read(): Promise<{ readonly text: string; readonly judge: () => Certificate }> {
    const { files } = this.options
    try {
      const texts = await readTlsFiles(files)
      return { text: asOne(texts), judge: () => checkCertificate(files, texts) }
    } catch (error) {
      const judge = (): never => {
        throw error
      }
      return { text: (error as Error).message, judge }
    }
  }

  private take({ text, judge }: { readonly text: string; readonly judge: () => Certificate }): void {
    const { log } = this.options
    try {
      this.current = judge()
    } catch (error) {
      // Whatever is wrong with it: nothing that lies in a file may end a broker that has a good one.
      this.refused = text
      const why = error instanceof Error ? error.message : String(error)
      log.error(
        { fingerprint: this.current.facts.fingerprint },
        `the new certificate is not taken, the one before stays in use: ${why}`,
      )
      return
    }
    this.used = text
    this.refused = undefined
    const { subject, names, fingerprint, expiresAt } = this.current.facts
    log.info({ subject, names, fingerprint, expiresAt: new Date(expiresAt) }, 'a new certificate is in use')
    for (const told of this.onReload) told()
    this.tellExpiry()
  }

  /** Once a day, and whenever there is a new one. */
  private tellExpiry(): void {
    this.toldAt = this.now()
    const { cert } = this.options.files
    const { expiresAt } = this.current.facts
    const facts = { file: cert, expiresAt: new Date(expiresAt) }
    const standing = expiryStanding(this.secondsLeft)
    const day = facts.expiresAt.toISOString().slice(0, 10)
    if (standing === 'expired')
      this.options.log.error(
        facts,
        `the TLS certificate ran out on ${day}: devices and browsers turn away. Renew ${cert}`,
      )
    else if (standing === 'soon')
      this.options.log.warn(
        facts,
        `the TLS certificate runs out in ${daysLeft(this.secondsLeft)} days, on ${day}. Renew ${cert}`,
      )
  }
}

const asOne = (texts: readonly (string | undefined)[]): string => texts.join('\0')
