import type { ReactNode } from 'react'
import type { Severity } from '../../../../contract/alarms.ts'
import type { DeviceStatus } from '../../../../contract/api.ts'
import { useText } from '../i18n/text.ts'
import { SeverityShape } from '../queue/SeverityBadge.tsx'
import { Age } from '../shell/Age.tsx'

const SEVERITY_OF: Partial<Record<DeviceStatus, Severity>> = {
  critical: 'CRITICAL',
  major: 'MAJOR',
  minor: 'MINOR',
  warning: 'WARNING',
}

/** Fine, silent and never heard look different, also without their colour. */
export function DeviceStatusShape({
  status,
  size = 16,
}: {
  readonly status: DeviceStatus
  readonly size?: number
}): ReactNode {
  const severity = SEVERITY_OF[status]
  if (severity) return <SeverityShape severity={severity} size={size} />
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      {status === 'ok' ? <circle cx="8" cy="8" r="5" /> : null}
      {status === 'silent' ? (
        <>
          <circle className="ring" cx="8" cy="8" r="5.500" />
          <path className="ring" d="M4.200 11.800 11.800 4.200" />
        </>
      ) : null}
      {status === 'never' ? <circle className="ring dotted" cx="8" cy="8" r="5.500" /> : null}
      {status === 'disabled' ? <path className="ring" d="M3 8h10" /> : null}
    </svg>
  )
}

/** How a device stands, by shape and word. */
export function DeviceStatusMark({ status }: { readonly status: DeviceStatus }): ReactNode {
  const { t } = useText()
  return (
    <span className={`status status-${status}`}>
      <DeviceStatusShape status={status} />
      {t(`status.${status}`)}
    </span>
  )
}

/** "Last heard 14 h ago", in the words of its state. */
export function LastHeard(props: { readonly at: number | null; readonly status: DeviceStatus }): ReactNode {
  const { t } = useText()
  if (props.at === null) return <span className="heard heard-never">{t('heard.never')}</span>
  return (
    <span className={`heard heard-${props.status}`}>
      <Age at={props.at} />
    </span>
  )
}
