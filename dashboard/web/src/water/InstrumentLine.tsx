import type { ReactNode } from 'react'
import { useText } from '../i18n/text.ts'
import { Icon } from '../shell/Icon.tsx'
import { figureOf, type Instrument, SHAPES, stateOf } from './instrument-state.ts'

/** A value beside what it must stay within, in one line. */
export function InstrumentLine({ instrument }: { readonly instrument: Instrument }): ReactNode {
  const { t } = useText()
  const state = stateOf(instrument)
  const { value, unit, role } = instrument
  return (
    <li className={`instrument-line instrument-${state}`}>
      <span>{t(`plant.role.${role}`)}</span>
      <strong>
        {value === null ? '–' : figureOf(value)} <small className="quiet">{unit === 'pH' ? '' : unit}</small>
      </strong>
      <InstrumentMark state={state} />
    </li>
  )
}

/** How a value stands to its limits, by shape, word and colour. */
export function InstrumentMark(props: { readonly state: keyof typeof SHAPES | 'still' }): ReactNode {
  const { t } = useText()
  const { state } = props
  return (
    <span className={`instrument-mark mark-${state}`}>
      <Icon name={state === 'still' ? 'minus' : SHAPES[state]} size={15} />
      {t(`plant.state.${state}`)}
    </span>
  )
}
