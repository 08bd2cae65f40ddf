import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react'
import { DEVICE_STATUSES, type Device } from '../../../../contract/api.ts'
import { KIND_NAMES, KINDS } from '../../../../contract/kinds.ts'
import { get, queryOf } from '../api/request.ts'
import { DeviceStatusMark, LastHeard } from '../device/DeviceStatusMark.tsx'
import { formatCount } from '../format/amount.ts'
import { inLanguage, useText } from '../i18n/text.ts'
import { Link } from '../shell/Link.tsx'
import { go } from '../shell/route.ts'
import { useConsole } from '../store/console.ts'

interface DeviceList {
  readonly items: readonly Device[]
  readonly total: number
  readonly next: string | null
}

const PAGE = 100
const ROW_PX = 52
/** Typing is over when nothing was typed for this long. */
const TYPING_MS = 250
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

function useSettled(value: string): string {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), TYPING_MS)
    return () => clearTimeout(timer)
  }, [value])
  return settled
}

export function DevicesPage(): ReactNode {
  const { t, language } = useText()
  const [search, setSearch] = useState('')
  const [kind, setKind] = useState('')
  const [status, setStatus] = useState('')
  const counts = useConsole((s) => s.counts)
  const changes = useConsole((s) => s.devices)
  const { list, more } = useDevices({ q: useSettled(search), kind, status })
  const scroller = useRef<HTMLDivElement>(null)
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
      <div className="list" role="table" aria-label={t('devices.title')} aria-rowcount={list.total + 1}>
        <div className="list-row list-head" role="row">
          <span role="columnheader">{t('devices.name')}</span>
          <span role="columnheader">{t('devices.kind')}</span>
          <span role="columnheader">{t('devices.place')}</span>
          <span role="columnheader">{t('devices.status')}</span>
          <span role="columnheader">{t('devices.heard')}</span>
        </div>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by the keyboard */}
        <div className="list-scroll" ref={scroller} role="rowgroup" tabIndex={0}>
          {list.items.length === 0 ? (
            <div className="empty" role="row">
              <span role="cell">
                {list.loading ? t('devices.loading') : list.failed ? t('devices.failed') : t('devices.none')}
              </span>
              {!list.loading && !list.failed && search === '' && kind === '' && status === '' ? (
                <span role="cell" className="quiet">
                  {t('devices.noneHint')}
                </span>
              ) : null}
            </div>
          ) : (
            <div className="list-tall" style={{ height: rows.getTotalSize() }}>
              {visible.map(({ index, start }) => {
                const device = list.items[index]
                if (!device) return null
                return (
                  // biome-ignore lint/a11y/useKeyWithClickEvents: the name inside is the link; a click anywhere is a convenience
                  // biome-ignore lint/a11y/useFocusableInteractive: the name inside is the link
                  <div
                    key={device.id}
                    className="list-row"
                    role="row"
                    aria-rowindex={index + 2}
                    style={{ transform: `translateY(${start}px)` }}
                    onClick={() => go({ page: 'device', id: device.id })}
                  >
                    <span role="cell" className="list-name">
                      <Link to={{ page: 'device', id: device.id }}>{changes.get(device.id)?.name ?? device.name}</Link>
                      <small className="quiet">{device.id}</small>
                    </span>
                    <span role="cell">{inLanguage(KINDS[device.kind], language)}</span>
                    <span role="cell" className="list-place">
                      {device.placePath.join(' › ')}
                    </span>
                    <span role="cell">
                      <DeviceStatusMark status={device.status} />
                    </span>
                    <span role="cell">
                      <LastHeard at={device.lastHeardAt} status={device.status} />
                    </span>
                  </div>
                )
              })}
            </div>
          )}
        </div>
      </div>
    </div>
  )
}
