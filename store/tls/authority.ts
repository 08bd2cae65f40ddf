// The container in which `@peculiar/x509` finds its parts does not load without it.
import 'reflect-metadata'
import { createPrivateKey, createPublicKey, randomBytes, webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'

/**
 * A small certificate authority for a test bench or a closed network: EC P-256 throughout, half the work of RSA-2048 for a
 * meter and for the server. Nothing here writes a file.
 */

/** A certificate and its private key (PKCS 8), both PEM. */
export interface Issued {
  readonly certPem: string
  readonly keyPem: string
}

/** The authority outlives the devices that are told to trust it. */
const AUTHORITY_DAYS = 20 * 365
const DAY_MS = 86_400_000
/** Clocks of devices run behind: a certificate of this minute must count already. */
const BACKDATED_MS = 3_600_000
/** RFC 5280 §4.1.2.2: positive, at most 20 octets. */
const SERIAL_BYTES = 16
const SIGN_BIT = 0x80
const NOT_ZERO = 0x40
const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

export async function makeAuthority(name: string, now: number): Promise<Issued> {
  const keys = await makeKeys()
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...terms(now, AUTHORITY_DAYS),
    name: [{ CN: [name] }],
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { certPem: pemOf(certificate), keyPem: await keyPemOf(keys.privateKey) }
}

/** @param hosts names and addresses that clients reach the server by */
export const issueServerCertificate = (
  authority: Issued,
  hosts: readonly string[],
  now: number,
  days: number,
): Promise<Issued> =>
  issue(authority, hosts[0] ?? 'localhost', now, days, [
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    new SubjectAlternativeNameExtension(
      hosts.map((host) => ({ type: isIP(host) === 0 ? ('dns' as const) : ('ip' as const), value: host })),
    ),
  ])

export const issueDeviceCertificate = (
  authority: Issued,
  deviceId: string,
  now: number,
  days: number,
): Promise<Issued> =>
  issue(authority, deviceId, now, days, [new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth])])

async function issue(
  authority: Issued,
  name: string,
  now: number,
  days: number,
  extensions: readonly Extension[],
): Promise<Issued> {
  const issuer = new X509Certificate(authority.certPem)
  const keys = await makeKeys()
  const span = terms(now, days)
  const certificate = await X509CertificateGenerator.create({
    ...span,
    // What outlives its authority is refused by some clients and accepted by others.
    notAfter: span.notAfter < issuer.notAfter ? span.notAfter : issuer.notAfter,
    subject: [{ CN: [name] }],
    issuer: issuer.subjectName,
    publicKey: keys.publicKey,
    signingKey: await signingKeyOf(authority.keyPem),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(await publicKeyOf(authority.keyPem)),
      ...extensions,
    ],
  })
  return { certPem: pemOf(certificate), keyPem: await keyPemOf(keys.privateKey) }
}

const makeKeys = (): Promise<webcrypto.CryptoKeyPair> => webcrypto.subtle.generateKey(P256, true, ['sign', 'verify'])

function terms(
  now: number,
  days: number,
): { serialNumber: string; notBefore: Date; notAfter: Date; signingAlgorithm: typeof P256 } {
  const serial = randomBytes(SERIAL_BYTES)
  serial[0] = ((serial[0] ?? 0) & ~SIGN_BIT) | NOT_ZERO
  return {
    serialNumber: serial.toString('hex'),
    notBefore: new Date(now - BACKDATED_MS),
    notAfter: new Date(now + days * DAY_MS),
    signingAlgorithm: P256,
  }
}

const signingKeyOf = (pem: string): Promise<webcrypto.CryptoKey> =>
  webcrypto.subtle.importKey('pkcs8', createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' }), P256, false, [
    'sign',
  ])

const publicKeyOf = (pem: string): Promise<webcrypto.CryptoKey> =>
  webcrypto.subtle.importKey('spki', createPublicKey(pem).export({ type: 'spki', format: 'der' }), P256, true, [
    'verify',
  ])

const pemOf = (certificate: X509Certificate): string => `${certificate.toString('pem')}\n`

async function keyPemOf(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key))
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    .export({ type: 'pkcs8', format: 'pem' })
    .toString()
}
