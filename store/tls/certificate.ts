import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import type { TlsFiles } from '../../contract/tls-settings.ts'

/** A certificate with its key, checked as far as that can be done without a client. */
export interface Certificate {
  readonly certPem: string
  readonly keyPem: string
  readonly clientCaPem: string | undefined
  readonly facts: CertificateFacts
}

export interface CertificateFacts {
  readonly subject: string
  readonly issuer: string
  /** What clients may call the server: `DNS:…`, `IP Address:…`. */
  readonly names: readonly string[]
  /** SHA-256, as browsers and openssl show it. */
  readonly fingerprint: string
  /** For example `EC prime256v1` or `RSA 2048`. */
  readonly key: string
  readonly validFrom: number
  /** When the first certificate of the chain that is sent runs out: from then on clients turn away. */
  readonly expiresAt: number
}

/** The certificate cannot be used: a sentence that names the file. */
export class BadCertificate extends Error {
  override name = 'BadCertificate'
}

/** The texts of the files as they are now. Rejects with BadCertificate where one cannot be read. */
export async function readTlsFiles(files: TlsFiles): Promise<readonly [string, string, string | undefined]> {
  const read = async (variable: string, file: string): Promise<string> => {
    try {
      return await readFile(file, 'latin1')
    } catch (error) {
      throw new BadCertificate(`${file} cannot be read (${(error as Error).message}). ${variable} names it.`)
    }
  }
  return [
    await read('HYDRANT_TLS_CERT', files.cert),
    await read('HYDRANT_TLS_KEY', files.key),
    files.clientCa === undefined ? undefined : await read('HYDRANT_TLS_CLIENT_CA', files.clientCa),
  ]
}

/**
 * @param files where the texts come from, for the sentence of a fault
 * @throws BadCertificate
 */
export function checkCertificate(
  files: TlsFiles,
  [certPem, keyPem, clientCaPem]: readonly [string, string, string | undefined],
): Certificate {
  const chain = readCertificates(certPem, files.cert)
  const key = readKey(keyPem, files.key)
  const [leaf] = chain as [X509Certificate]
  if (!leaf.checkPrivateKey(key))
    throw new BadCertificate(`The key in ${files.key} does not belong to the certificate in ${files.cert}.`)
  if (clientCaPem !== undefined) readCertificates(clientCaPem, files.clientCa ?? '')
  try {
    createSecureContext({ cert: certPem, key: keyPem, ca: clientCaPem })
  } catch (error) {
    throw new BadCertificate(`${files.cert} cannot be used for TLS: ${(error as Error).message}.`)
  }
  return { certPem, keyPem, clientCaPem, facts: factsOf(chain) }
}

/** The certificates of a PEM file, the server's own first. */
export function readCertificates(pem: string, file: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []
  // A file that is being written ends in the middle of a block.
  if (blocks.length === 0 || blocks.length !== pem.split('-----BEGIN ').length - 1)
    throw new BadCertificate(`${file} holds no whole certificate in PEM (-----BEGIN CERTIFICATE-----).`)
  try {
    return blocks.map((block) => new X509Certificate(block))
  } catch (error) {
    throw new BadCertificate(`${file} holds a damaged certificate: ${(error as Error).message}.`)
  }
}

function readKey(pem: string, file: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch (error) {
    const locked = (error as NodeJS.ErrnoException).code === 'ERR_MISSING_PASSPHRASE'
    throw new BadCertificate(
      locked
        ? `The key in ${file} is protected by a passphrase, which nobody types when Hydrant starts. Store it without.`
        : `${file} holds no whole private key in PEM (-----BEGIN PRIVATE KEY-----).`,
    )
  }
}

export function factsOf(chain: readonly X509Certificate[]): CertificateFacts {
  const [leaf] = chain as [X509Certificate]
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = leaf.publicKey
  return {
    subject: oneLine(leaf.subject),
    issuer: oneLine(leaf.issuer),
    names: leaf.subjectAltName?.split(', ') ?? [],
    fingerprint: leaf.fingerprint256,
    key: `${type?.toUpperCase()} ${details?.namedCurve ?? details?.modulusLength ?? ''}`.trim(),
    validFrom: leaf.validFromDate.getTime(),
    expiresAt: Math.min(...chain.map((certificate) => certificate.validToDate.getTime())),
  }
}

/** Node puts each part of a name on a line of its own; a certificate without a subject has none. */
const oneLine = (name: string | undefined): string => (name ?? '').split('\n').join(', ')
