import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { daysLeft, expiryStanding } from '../../contract/certificate-expiry.ts'
import { BadCertificate, factsOf, readCertificates } from '../../store/tls/certificate.ts'
import { userPath } from '../config.ts'
import { readId } from '../device-fields.ts'
import { Mistake } from '../mistake.ts'
import { print, printFacts } from '../print.ts'
import type { Session } from '../session.ts'
import { TlsFolder } from '../tls-files.ts'
import type { Run } from './run.ts'

/** Browsers refuse more for a server (CA/Browser Forum baseline requirements §6.3.2). */
const SERVER_DAYS = 397
/** Nobody climbs into a meter well to renew a certificate; it ends with its authority in any case. */
const DEVICE_DAYS = 3650
const LONGEST_DAYS = 7300
const LOCAL_NAMES = ['localhost', '127.0.0.1', '::1']
/** RFC 1123 §2.1, with a wildcard as its first label (RFC 6125 §6.4.3). */
const HOST_NAME = /^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i

interface FolderOption {
  readonly dir?: string
}
interface ServerOptions extends FolderOption {
  readonly host: readonly string[]
  readonly days: string
}

const folderOf = (session: Session, dir: string | undefined): TlsFolder =>
  new TlsFolder(dir === undefined ? join(session.config.dataDir, 'tls') : userPath(dir, session.env))

async function initTls(session: Session, options: ServerOptions & { readonly force?: true }): Promise<void> {
  const days = readDays(options.days)
  const hosts = [...new Set([...LOCAL_NAMES, ...options.host.map(readHost), ...machineName()])]
  const folder = folderOf(session, options.dir)
  if (options.force !== true)
    folder.mustBeFree(
      ['ca', 'server'],
      'A new authority would lock out every device that trusts the old one. For a new certificate of the same authority: tls renew. To start all over: --force.',
    )
  const { issueServerCertificate, makeAuthority } = await import('../../store/tls/authority.ts')
  const now = Date.now()
  const authority = await makeAuthority(`Hydrant authority of ${hostname()}`.slice(0, 64), now)
  folder.write('ca', authority)
  folder.write('server', await issueServerCertificate(authority, hosts, now, days))
  await session.audit('tls.init', folder.path, hosts.join(' '))

  print(`An authority and a certificate are in ${folder.path}:`)
  printFacts({
    'ca.pem': 'what devices and browsers are told to trust',
    'ca.key': 'its key: who has it can pretend to be this Hydrant. Readable by you only; keep it so',
    'server.pem': `the certificate for ${hosts.join(', ')}; ${days} days, then: tls renew`,
    'server.key': 'its key, readable by you only',
  })
  print()
  print('Start Hydrant with it:')
  print(`  export HYDRANT_TLS_CERT=${folder.cert('server')}`)
  print(`  export HYDRANT_TLS_KEY=${folder.key('server')}`)
  print('  npm start')
  print('To let other machines in:')
  print('  export HYDRANT_MQTTS_HOST=0.0.0.0 HYDRANT_HTTP_HOST=0.0.0.0')
  print('To let devices in by certificates of their own (`tls device ID`):')
  print(`  export HYDRANT_TLS_CLIENT_CA=${folder.cert('ca')}`)
  print()
  print('A device then publishes over TLS:')
  print(
    `  mosquitto_pub --cafile ${folder.cert('ca')} -h localhost -p ${session.config.mqttsPort} -i ID -u ID -P SECRET \\`,
  )
  print(`    -q 1 -t v1/devices/me/telemetry -m '{"volume":12.345}'`)
  print(
    `The console is then at https://localhost:${session.config.httpPort}; a browser trusts it when ca.pem is imported as an authority.`,
  )
}

async function renewTls(session: Session, options: ServerOptions): Promise<void> {
  const days = readDays(options.days)
  const folder = folderOf(session, options.dir)
  const authority = folder.read('ca')
  const [before] = readCertificates(folder.read('server').certPem, folder.cert('server'))
  const known = (before?.subjectAltName ?? '').split(', ').map((name) => name.replace(/^(DNS|IP Address):/, ''))
  const hosts = [...new Set([...known.filter((name) => name !== ''), ...options.host.map(readHost)])]
  const { issueServerCertificate } = await import('../../store/tls/authority.ts')
  folder.write('server', await issueServerCertificate(authority, hosts, Date.now(), days))
  await session.audit('tls.renew', folder.path, hosts.join(' '))
  print(`A new certificate for ${hosts.join(', ')} is in ${folder.cert('server')}; ${days} days.`)
  print('A Hydrant that serves with it takes it within two seconds; nobody is disconnected.')
}

async function showTls(session: Session, file: string | undefined): Promise<void> {
  const path =
    file === undefined
      ? (session.config.tls?.cert ?? folderOf(session, undefined).cert('server'))
      : userPath(file, session.env)
  let pem: string
  try {
    pem = readFileSync(path, 'latin1')
  } catch (error) {
    throw new Mistake(`${path} cannot be read (${(error as Error).message}). \`tls init\` makes a certificate.`)
  }
  try {
    const facts = factsOf(readCertificates(pem, path))
    const seconds = (facts.expiresAt - Date.now()) / 1000
    const end = new Date(facts.expiresAt).toISOString()
    print(path)
    printFacts({
      subject: facts.subject,
      issuer: facts.issuer,
      names: facts.names.join(', '),
      key: facts.key,
      'valid from': new Date(facts.validFrom).toISOString(),
      'valid until': `${end} (${expiryStanding(seconds) === 'expired' ? 'over' : `${daysLeft(seconds)} days left`})`,
      'SHA-256': facts.fingerprint,
    })
  } catch (error) {
    throw error instanceof BadCertificate ? new Mistake(error.message) : error
  }
}

async function makeDeviceCertificate(
  session: Session,
  idText: string,
  options: FolderOption & { readonly days: string; readonly force?: true },
): Promise<void> {
  const id = readId(idText)
  if (!id.ok) throw new Mistake(`No certificate was made: ${id.fault}.`)
  const days = readDays(options.days)
  const folder = folderOf(session, options.dir)
  const authority = folder.read('ca')
  const own = new TlsFolder(join(folder.path, 'devices'))
  if (options.force !== true)
    own.mustBeFree([id.value], 'With --force a second one is made; the first stays valid until the device is denied.')
  const { issueDeviceCertificate } = await import('../../store/tls/authority.ts')
  own.write(id.value, await issueDeviceCertificate(authority, id.value, Date.now(), days))
  await session.audit('tls.device', id.value, `${days} days`)
  print(`The certificate of ${id.value} is in ${own.cert(id.value)}, its key in ${own.key(id.value)}.`)
  if ((await session.registry.find(id.value)) === undefined)
    print(
      `${id.value} is not registered: it may connect once it is. device add ${id.value} --kind KIND --identity certificate`,
    )
  if (session.config.tls?.clientCa === undefined)
    print(`Hydrant accepts it when HYDRANT_TLS_CLIENT_CA=${folder.cert('ca')} is set.`)
  print('Give both to the device, with ca.pem; then delete the key here. For example:')
  print(`  mosquitto_pub --cafile ${folder.cert('ca')} --cert ${own.cert(id.value)} --key ${own.key(id.value)} \\`)
  print(
    `    -h localhost -p ${session.config.mqttsPort} -i ${id.value} -q 1 -t v1/devices/me/telemetry -m '{"volume":12.345}'`,
  )
}

function readDays(text: string): number {
  const days = Number(text)
  if (Number.isInteger(days) && days >= 1 && days <= LONGEST_DAYS) return days
  throw new Mistake(`"${text}" is no number of days: write 1 to ${LONGEST_DAYS}.`)
}

function readHost(text: string): string {
  const host = text.replace(/^\[(.*)\]$/, '$1')
  if (isIP(host) !== 0 || HOST_NAME.test(host)) return host.toLowerCase()
  throw new Mistake(`"${text}" is no host: write a name such as hydrant.example.cn or an address such as 192.168.1.20.`)
}

/** A name that cannot stand in a certificate (with an underscore, say) is left out. */
const machineName = (): readonly string[] => (HOST_NAME.test(hostname()) ? [hostname().toLowerCase()] : [])

const collect = (host: string, before: readonly string[]): readonly string[] => [...before, host]

export function addTlsCommands(parent: Command, run: Run): void {
  const tls = parent.command('tls').description('make, renew and show certificates')
  tls
    .command('init')
    .option('--host <name>', 'a name or address that the server is reached by; can be given several times', collect, [])
    .option('--dir <folder>', 'where the files go (default: tls in HYDRANT_DATA_DIR)')
    .option('--days <n>', 'how long the certificate lasts', String(SERVER_DAYS))
    .option('--force', 'make a new authority although there is one')
    .description('make an authority of your own and a certificate (EC P-256) for this machine')
    .action(run(initTls))
  tls
    .command('renew')
    .option('--host <name>', 'one more name or address; can be given several times', collect, [])
    .option('--dir <folder>', 'where the authority is (default: tls in HYDRANT_DATA_DIR)')
    .option('--days <n>', 'how long the certificate lasts', String(SERVER_DAYS))
    .description('make a new certificate of the same authority; Hydrant takes it while it runs')
    .action(run(renewTls))
  tls
    .command('show')
    .argument('[file]', 'a certificate in PEM (default: the one that is set)')
    .description('subject, names, end and fingerprint of a certificate')
    .action(run(showTls))
  tls
    .command('device')
    .argument('<id>', 'the device; it becomes the common name')
    .option('--dir <folder>', 'where the authority is (default: tls in HYDRANT_DATA_DIR)')
    .option('--days <n>', 'how long it lasts', String(DEVICE_DAYS))
    .option('--force', 'make another one although there is one')
    .description('make a client certificate with which a device needs no password')
    .action(run(makeDeviceCertificate))
}
