import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react'
import { DEVICE_STATUSES, type Device } from '../../../../contract/api.ts'
import { KIND_NAMES, KINDS } from '../../../../contract/kinds.ts'
import { get, queryOf } from '../api/request.ts'
import { useSettled } from '../api/use-settled.ts'
import { DeviceStatusMark, LastHeard } from '../device/DeviceStatusMark.tsx'
import { formatCount } from '../format/amount.ts'
import { inLanguage, useText } from '../i18n/text.ts'
import { shortName } from '../queue/alarm-words.ts'
import { Link } from '../shell/Link.tsx'
import { useConsole } from '../store/console.ts'

interface DeviceList {
  readonly items: readonly Device[]
  readonly total: number
  readonly next: string | null
}

const PAGE = 100
const ROW_PX = 52
/** Rows before the end of what is loaded at which the next page is asked for. */
const AHEAD = 30
/** Rows kept in the browser: beyond it, narrowing the search finds faster than scrolling. */
const MOST_ROWS = 5000

interface Wanted {
  readonly q: string
  readonly kind: string
  readonly status: string
}

/** Pages of the server's list, one after the other as they are scrolled to. */
function useDevices(wanted: Wanted) {
  const [list, setList] = useState<DeviceList & { readonly failed: boolean; readonly loading: boolean }>({
    items: [],
    total: 0,
    next: null,
    failed: false,
    loading: true,
  })
  const busy = useRef(false)
  const { q, kind, status } = wanted
  useEffect(() => {
    const abort = new AbortController()
    busy.current = true
    setList((before) => ({ ...before, loading: true }))
    get<DeviceList>(`/api/devices${queryOf({ q, kind, status, limit: PAGE })}`, abort.signal)
      .then((page) => setList({ ...page, failed: false, loading: false }))
      .catch(() => {
        if (!abort.signal.aborted) setList((before) => ({ ...before, failed: true, loading: false }))
      })
      .finally(() => {
        if (!abort.signal.aborted) busy.current = false
      })
    return () => abort.abort()
  }, [q, kind, status])
  const more = useCallback(async () => {
    if (busy.current || list.next === null || list.items.length >= MOST_ROWS) return
    busy.current = true
    try {
      const page = await get<DeviceList>(`/api/devices${queryOf({ q, kind, status, limit: PAGE, cursor: list.next })}`)
      setList((before) =>
        before.next === list.next
          ? { ...page, items: [...before.items, ...page.items], failed: false, loading: false }
          : before,
      )
    } catch {
      setList((before) => ({ ...before, failed: true }))
    } finally {
      busy.current = false
    }
  }, [list.next, list.items.length, q, kind, status])
  return { list, more }
}

export function DevicesPage(): ReactNode {
  const { t, language } = useText()
  const [search, setSearch] = useState('')
  const [kind, setKind] = useState('')
  const [status, setStatus] = useState('')
  const counts = useConsole((s) => s.counts)
  const { list, more } = useDevices({ q: useSettled(search), kind, status })
  const scroller = useRef<HTMLElement>(null)
  const rows = useVirtualizer({
    count: list.items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
  })
  const visible = rows.getVirtualItems()
  const last = visible.at(-1)?.index ?? 0
  useEffect(() => {
    if (last >= list.items.length - AHEAD) void more()
  }, [last, list.items.length, more])
  return (
    <div className="page page-fill">
      <header className="page-head">
        <h1>{t('devices.title')}</h1>
        <span className="quiet">{t('devices.total', { n: formatCount(list.total) })}</span>
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
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by the keyboard */}
      <section className="list" ref={scroller} aria-label={t('devices.title')} tabIndex={0}>
        {list.items.length === 0 ? (
          <div className="empty">
            <p>{list.loading ? t('devices.loading') : list.failed ? t('devices.failed') : t('devices.none')}</p>
            {!list.loading && !list.failed && search === '' && kind === '' && status === '' ? (
              <p className="quiet">{t('devices.noneHint')}</p>
            ) : null}
          </div>
        ) : (
          <table aria-rowcount={list.total + 1}>
            <thead>
              <tr>
                <th scope="col">{t('devices.name')}</th>
                <th scope="col">{t('devices.kind')}</th>
                <th scope="col">{t('devices.place')}</th>
                <th scope="col">{t('devices.status')}</th>
                <th scope="col">{t('devices.heard')}</th>
              </tr>
            </thead>
            <tbody>
              <Space height={visible[0]?.start ?? 0} />
              {visible.map(({ index }) => {
                const device = list.items[index]
                return device ? <Row key={device.id} device={device} index={index} /> : null
              })}
              <Space height={rows.getTotalSize() - (visible.at(-1)?.end ?? 0)} />
            </tbody>
          </table>
        )}
      </section>
    </div>
  )
}

/** Stands for the rows that are scrolled out of sight. */
function Space({ height }: { readonly height: number }): ReactNode {
  return height > 0 ? (
    <tr className="space">
      <td colSpan={5} style={{ height }} />
    </tr>
  ) : null
}

function Row({ device, index }: { readonly device: Device; readonly index: number }): ReactNode {
  const { language } = useText()
  return (
    <tr aria-rowindex={index + 2}>
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
    </tr>
  )
}
