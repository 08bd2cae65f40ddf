import { daysLeft, expiryStanding } from '../../contract/certificate-expiry.ts'
import type { Notice } from '../../contract/notices.ts'
import { type DiskGuard, megabytes } from '../../store/disk-guard.ts'
import type { RoleMetric } from '../../store/state/role-metrics-port.ts'
import { EXPIRY_FIGURES } from '../../store/tls/certificate-figures.ts'

/** Every role publishes its figures once a second; so many missed ones are no slip. A start takes less. */
const SILENT_MS = 15_000
const EXPIRIES: ReadonlySet<string> = new Set(Object.values(EXPIRY_FIGURES))

export interface NoticeFacts {
  readonly now: number
  /** When this dashboard began to look: before it has looked for a while nobody is called silent. */
  readonly since: number
  readonly metrics: readonly RoleMetric[]
  readonly disk: Pick<DiskGuard, 'engaged' | 'space'>
}

/** What is wrong with Hydrant now, worst first. */
export function noticesOf({ now, since, metrics, disk }: NoticeFacts): readonly Notice[] {
  const notices: Notice[] = []
  const silentFor = (role: RoleMetric['role']): number => {
    const heardAt = metrics.reduce((newest, one) => (one.role === role ? Math.max(newest, one.at) : newest), since)
    const ms = now - heardAt
    return ms > SILENT_MS ? Math.round(ms / 1000) : 0
  }
  const broker = silentFor('broker')
  if (broker > 0)
    notices.push({
      code: 'broker.silent',
      en: `The broker has not been heard for ${broker} s: devices may not be received, not even fire alarms.`,
      zh: `接入服务(broker)已 ${broker} 秒无响应:可能收不到任何设备数据,包括火灾报警。`,
    })
  const ingest = silentFor('ingest')
  if (ingest > 0)
    notices.push({
      code: 'ingest.silent',
      en: `Detection has not been heard for ${ingest} s: what devices send is stored, but alarms come late.`,
      zh: `分析服务(ingest)已 ${ingest} 秒无响应:设备数据仍在保存,但报警会延迟。`,
    })
  if (disk.engaged && disk.space !== undefined) {
    const [free, line] = [megabytes(disk.space.free), megabytes(disk.space.line)]
    notices.push({
      code: 'disk.guard',
      en: `The server's disk is nearly full (${free} free, the line is ${line}): water meters are held back, fire and care alarms go on. Tell the administrator.`,
      zh: `服务器磁盘空间不足(剩余 ${free},界限 ${line}):已暂缓接收水表数据,火灾和看护报警照常。请通知管理员。`,
    })
  }
  // What a listener said before it lost its certificate, or was switched off, counts no more.
  const secondsLeft = metrics.reduce(
    (least, { name, value, at }) => (EXPIRIES.has(name) && now - at < SILENT_MS ? Math.min(least, value) : least),
    Number.POSITIVE_INFINITY,
  )
  const standing = expiryStanding(secondsLeft)
  if (standing === 'expired')
    notices.push({
      code: 'certificate.expires',
      en: 'The TLS certificate has expired: devices and consoles cannot connect. Tell the administrator.',
      zh: 'TLS 证书已过期:设备和控制台无法连接。请通知管理员。',
    })
  else if (standing === 'soon')
    notices.push({
      code: 'certificate.expires',
      ahead: true,
      en: `The TLS certificate expires in ${daysLeft(secondsLeft)} days; after that devices and consoles cannot connect. Tell the administrator.`,
      zh: `TLS 证书将在 ${daysLeft(secondsLeft)} 天后过期,之后设备和控制台无法连接。请通知管理员。`,
    })
  return notices
}
