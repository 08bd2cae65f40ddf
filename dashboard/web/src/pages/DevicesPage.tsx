import { type ReactNode, useState } from 'react'
import { DEVICE_STATUSES, type Device } from '../../../../contract/api.ts'
import { KIND_NAMES, KINDS } from '../../../../contract/kinds.ts'
import { usePages } from '../api/use-pages.ts'
import { useSettled } from '../api/use-settled.ts'
import { DeviceStatusMark, LastHeard } from '../device/DeviceStatusMark.tsx'
import { formatCount } from '../format/amount.ts'
import { inLanguage, useText } from '../i18n/text.ts'
import { LongTable } from '../list/LongTable.tsx'
import { shortName } from '../queue/alarm-words.ts'
import { Link } from '../shell/Link.tsx'
import { useConsole } from '../store/console.ts'

export function DevicesPage(): ReactNode {
  const { t, language } = useText()
  const [search, setSearch] = useState('')
  const [kind, setKind] = useState('')
  const [status, setStatus] = useState('')
  const counts = useConsole((s) => s.counts)
  const pages = usePages<Device>('/api/devices', { q: useSettled(search), kind, status })
  return (
    <div className="page page-fill">
      <header className="page-head">
        <h1>{t('devices.title')}</h1>
        <span className="quiet">{t('devices.total', { n: formatCount(pages.total) })}</span>
      </header>
      <div className="list-filters">
        <input
          type="search"
          value={search}
          placeholder={t('devices.search')}
          aria-label={t('devices.search')}
          onChange={(event) => setSearch(event.target.value)}
        />
        <label>
          {t('devices.kind')}
          <select value={kind} onChange={(event) => setKind(event.target.value)}>
            <option value="">{t('devices.any')}</option>
            {KIND_NAMES.map((one) => (
              <option key={one} value={one}>
                {inLanguage(KINDS[one], language)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t('devices.status')}
          <select value={status} onChange={(event) => setStatus(event.target.value)}>
            <option value="">{t('devices.any')}</option>
            {DEVICE_STATUSES.map((one) => (
              <option key={one} value={one}>
                {t(`status.${one}`)} ({formatCount(counts[one])})
              </option>
            ))}
          </select>
        </label>
      </div>
      <LongTable
        label={t('devices.title')}
        pages={pages}
        columns={[t('devices.name'), t('devices.kind'), t('devices.place'), t('devices.status'), t('devices.heard')]}
        empty={
          <>
            <p>{t(pages.loading ? 'devices.loading' : pages.failed ? 'devices.failed' : 'devices.none')}</p>
            {!pages.loading && !pages.failed && search === '' && kind === '' && status === '' ? (
              <p className="quiet">{t('devices.noneHint')}</p>
            ) : null}
          </>
        }
        keyOf={(device) => device.id}
        cells={(device) => <Cells device={device} />}
      />
    </div>
  )
}

function Cells({ device }: { readonly device: Device }): ReactNode {
  const { language } = useText()
  return (
    <>
      <td className="list-name">
        <Link to={{ page: 'device', id: device.id }}>{shortName(device.name, device.placePath)}</Link>
        <small className="quiet">{device.id}</small>
      </td>
      <td>{inLanguage(KINDS[device.kind], language)}</td>
      <td className="list-place">{device.placePath.join(' › ')}</td>
      <td>
        <DeviceStatusMark status={device.status} />
      </td>
      <td>
        <LastHeard at={device.lastHeardAt} status={device.status} />
      </td>
    </>
  )
}
