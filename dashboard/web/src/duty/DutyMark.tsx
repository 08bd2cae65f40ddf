import type { ReactNode } from 'react'
import type { DutyCheck } from '../../../../contract/incidents.ts'
import { formatCountdown, formatSpan } from '../format/age.ts'
import { dutyState } from '../homes/concerns.ts'
import { useText } from '../i18n/text.ts'
import { Icon } from '../shell/Icon.tsx'
import { useTick } from '../shell/ticker.ts'

/** What came of a duty check: answered in how long, its time that is left, or that nobody answered. */
export function DutyMark({
  check,
}: {
  readonly check: Pick<DutyCheck, 'askedAt' | 'dueAt' | 'answeredAt'>
}): ReactNode {
  const { t } = useText()
  const { askedAt, dueAt, answeredAt } = check
  const state = useTick((now) => dutyState(check, now))
  const left = useTick((now) => (state === 'running' ? formatCountdown(dueAt - now) : ''))
  const took = formatSpan((answeredAt ?? dueAt) - askedAt, t)
  return (
    <span className={`duty duty-${state}`} role={state === 'running' ? 'timer' : undefined}>
      <Icon name={state === 'answered' ? 'check' : state === 'running' ? 'bell' : 'close'} size={16} />
      {t(`duty.${state}`, { took, left })}
    </span>
  )
}
