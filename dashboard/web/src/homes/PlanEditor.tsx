import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from 'react'
import type { HomeDetail } from '../../../../contract/home-answers.ts'
import type { FloorPlan } from '../../../../contract/homes.ts'
import { KINDS } from '../../../../contract/kinds.ts'
import { attempt } from '../api/attempt.ts'
import { request } from '../api/request.ts'
import { DeviceStatusShape } from '../device/DeviceStatusMark.tsx'
import { inLanguage, useText } from '../i18n/text.ts'
import { shortName } from '../queue/alarm-words.ts'
import { view } from '../store/view.ts'
import { insideOf, pathTo } from './home-tree.ts'
import { planImage } from './PlanView.tsx'
import { freePoint, nudged, type Pin, pointIn, samePins, withoutPin, withPin } from './plan-pins.ts'

/** One press of an arrow key, as a part of the picture; finer with Shift. */
const STEP = 0.02
const FINE_STEP = 0.002
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

/** Devices are dragged onto the plan, or chosen and moved with the arrow keys; nothing is stored before "Save". */
export function PlanEditor(props: { readonly plan: FloorPlan; readonly home: HomeDetail; onDone(): void }): ReactNode {
  const { t, language } = useText()
  const { plan, home, onDone } = props
  const frame = useRef<HTMLDivElement>(null)
  const [pins, setPins] = useState<readonly Pin[]>(plan.pins)
  const [carried, setCarried] = useState<string | null>(null)
  const [chosen, setChosen] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const items = new Map(home.items.map((item) => [item.id, item]))
  const path = pathTo(home, plan.placeId)
  const nameOf = (id: string): string => shortName(items.get(id)?.name || id, path)
  const elsewhere = new Set(
    home.plans.filter(({ placeId }) => placeId !== plan.placeId).flatMap((one) => one.pins.map((pin) => pin.deviceId)),
  )
  const here = insideOf(plan.placeId, home.places)
  const isPlaced = (id: string): boolean => pins.some((pin) => pin.deviceId === id)
  const waiting = home.items.filter(
    ({ id, kind }) => KINDS[kind].group !== 'water' && !elsewhere.has(id) && (id === carried || !isPlaced(id)),
  )
  const changed = !samePins(plan.pins, pins)

  const carry = (deviceId: string) => ({
    onPointerDown(event: PointerEvent<HTMLElement>) {
      if (event.button !== 0) return
      event.currentTarget.setPointerCapture(event.pointerId)
      setCarried(deviceId)
      setChosen(deviceId)
    },
    onPointerMove(event: PointerEvent<HTMLElement>) {
      if (carried !== deviceId || frame.current === null) return
      const point = pointIn(frame.current.getBoundingClientRect(), event.clientX, event.clientY)
      if (point !== null) setPins((before) => withPin(before, deviceId, point))
    },
    onLostPointerCapture: () => setCarried(null),
  })
  const take = (deviceId: string): void => {
    setPins((before) => withoutPin(before, deviceId))
    setChosen(null)
  }
  const onKey = (event: KeyboardEvent, deviceId: string): void => {
    const arrow = ARROWS[event.key]
    if (arrow !== undefined) {
      const step = event.shiftKey ? FINE_STEP : STEP
      setPins((before) => nudged(before, deviceId, arrow[0] * step, arrow[1] * step))
    } else if (event.key === 'Delete' || event.key === 'Backspace') take(deviceId)
    else return
    event.preventDefault()
    // The queue has keys of its own.
    event.stopPropagation()
  }
  const save = async (): Promise<void> => {
    setBusy(true)
    const saved = await attempt(() =>
      request('PUT', `/api/places/${encodeURIComponent(plan.placeId)}/plan/pins`, { pins }),
    )
    setBusy(false)
    if (saved === undefined) return
    view.say(t('plan.saved', { n: pins.length }))
    onDone()
  }
  const chip = ({ id, kind, status }: HomeDetail['items'][number]): ReactNode => (
    <li key={id}>
      <button
        type="button"
        className={`plan-chip status-${status}${id === carried ? ' is-carried' : ''}`}
        {...carry(id)}
        // A key press on a button is a click of no button of the mouse.
        onClick={(event) => {
          if (event.detail > 0) return
          setPins((before) => withPin(before, id, freePoint(before)))
          setChosen(id)
        }}
      >
        <DeviceStatusShape status={status} />
        <span>
          {nameOf(id)} <small className="quiet">{inLanguage(KINDS[kind], language)}</small>
        </span>
      </button>
    </li>
  )
  return (
    <div className="plan-editor">
      <p className="quiet">{t('plan.how')}</p>
      <div className="plan is-edited" ref={frame} style={{ aspectRatio: `${plan.width} / ${plan.height}` }}>
        <img src={planImage(plan)} alt={t('plan.title')} width={plan.width} height={plan.height} draggable={false} />
        {pins.map(({ deviceId, x, y }) => (
          <span key={deviceId} className="plan-spot" style={{ left: `${x * 100}%`, top: `${y * 100}%` }}>
            <button
              type="button"
              className={`plan-pin status-${items.get(deviceId)?.status ?? 'never'}${chosen === deviceId ? ' is-chosen' : ''}`}
              aria-label={t('plan.pin', { name: nameOf(deviceId) })}
              title={nameOf(deviceId)}
              onFocus={() => setChosen(deviceId)}
              onKeyDown={(event) => onKey(event, deviceId)}
              {...carry(deviceId)}
            >
              <DeviceStatusShape status={items.get(deviceId)?.status ?? 'never'} size={18} />
              <span className="plan-pin-name">{nameOf(deviceId)}</span>
            </button>
          </span>
        ))}
      </div>
      <div className="form-buttons">
        <button type="button" className="button button-primary" disabled={!changed || busy} onClick={() => void save()}>
          {t('password.save')}
        </button>
        <button type="button" className="button" onClick={onDone}>
          {t('act.cancel')}
        </button>
        {chosen !== null && isPlaced(chosen) ? (
          <button type="button" className="button button-quiet" onClick={() => take(chosen)}>
            {t('plan.take', { name: nameOf(chosen) })}
          </button>
        ) : null}
        {changed ? <span className="warn">{t('plan.unsaved')}</span> : null}
      </div>
      <h3>{t('plan.waiting', { n: waiting.length })}</h3>
      {/* Those of this floor first. */}
      <ul className="plan-tray">
        {waiting.filter(({ placeId }) => here.has(placeId)).map(chip)}
        {waiting.filter(({ placeId }) => !here.has(placeId)).map(chip)}
      </ul>
    </div>
  )
}
