import { statSync } from 'node:fs'
import { daysLeft, EXPIRY_NOTICE_DAYS, expiryStanding } from '../../contract/certificate-expiry.ts'
import { isLoopback } from '../../contract/settings.ts'
import type { TlsFiles } from '../../contract/tls-settings.ts'
import { BadMasterKey, readMasterKey } from '../../store/derived-key.ts'
import { BadCertificate, type CertificateFacts, checkCertificate, readTlsFiles } from '../../store/tls/certificate.ts'
import { bad, type Check, good, type Surroundings } from './check.ts'

const OTHERS_MAY_READ = 0o004
const RENEW = 'Renew it; Hydrant takes the new files by itself. One of `tls init`: npm run hydrant -- tls renew'

/** Certificate and master key, where they are set: can they be used, and for how long? */
export async function checkCertificates({ config, now }: Surroundings): Promise<readonly Check[]> {
  const checks: Check[] = []
  if (config.tls !== undefined) checks.push(...(await checkTls(config.tls, now(), config.mqttsHost)))
  if (config.masterKeyFile !== undefined) checks.push(checkMasterKey(config.masterKeyFile))
  return checks
}

async function checkTls(files: TlsFiles, now: number, host: string): Promise<readonly Check[]> {
  try {
    const { facts } = checkCertificate(files, await readTlsFiles(files))
    return [checkTerm(facts, now, host), checkKeyFile(files.key)]
  } catch (error) {
    if (!(error instanceof BadCertificate)) throw error
    return [
      bad(
        'certificate',
        error.message,
        'Put a certificate and its key there, or make some: npm run hydrant -- tls init',
      ),
    ]
  }
}

function checkTerm({ names, expiresAt, validFrom }: CertificateFacts, now: number, host: string): Check {
  const secondsLeft = Math.floor((expiresAt - now) / 1000)
  const day = new Date(expiresAt).toISOString().slice(0, 10)
  if (validFrom > now)
    return bad(
      'certificate',
      `counts only from ${new Date(validFrom).toISOString()}`,
      'Is the clock of this machine right?',
    )
  switch (expiryStanding(secondsLeft)) {
    case 'expired':
      return bad('certificate', `ran out on ${day}: devices and browsers turn away`, RENEW)
    case 'soon':
      return bad(
        'certificate',
        `runs out in ${daysLeft(secondsLeft)} days, on ${day} (told ${EXPIRY_NOTICE_DAYS} days ahead)`,
        RENEW,
      )
    case 'fine':
      break
  }
  const found = `for ${names.join(', ')} until ${day}, ${daysLeft(secondsLeft)} days`
  const todo = 'Clients look at these names only. Make one with the names that people and devices use.'
  return names.length === 0 && !isLoopback(host)
    ? bad('certificate', 'names no host', todo)
    : good('certificate', found)
}

function checkKeyFile(file: string): Check {
  if ((statSync(file).mode & OTHERS_MAY_READ) === 0) return good('certificate key', 'closed to other users')
  return bad('certificate key', `${file} can be read by every user of this machine`, `chmod 600 ${file}`)
}

function checkMasterKey(file: string): Check {
  try {
    return good('master key', `${readMasterKey(file).length} bytes, readable by its owner only`)
  } catch (error) {
    if (!(error instanceof BadMasterKey)) throw error
    return bad('master key', error.message, 'Until then the broker does not start.')
  }
}
