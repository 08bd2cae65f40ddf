import type { ReactNode } from 'react'
import { SEVERITIES } from '../../../../contract/alarms.ts'
import { type ChannelRule, DEFAULT_RULES, OCCASIONS } from '../../../../contract/channels.ts'
import { INCIDENT_KINDS } from '../../../../contract/incidents.ts'
import { DAYS, dayName } from '../homes/days-words.ts'
import { useText } from '../i18n/text.ts'
import { Icon } from '../shell/Icon.tsx'
import { useConsole } from '../store/console.ts'

const NIGHT = { from: '18:00', to: '08:00', days: [] }
const MOST_STEPS = 9

/** What a channel hears: any one of its rules is enough. */
export function RulesEditor(props: {
  readonly rules: readonly ChannelRule[]
  change(rules: readonly ChannelRule[]): void
}): ReactNode {
  const { t } = useText()
  const { rules, change } = props
  return (
    <div className="rules">
      <h3>{t('rules.title')}</h3>
      {rules.map((rule, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rules have no name but their place in the list
        <fieldset key={i} className="rule">
          <legend>{t('rules.nth', { n: i + 1 })}</legend>
          <Rule rule={rule} change={(news) => change(rules.map((one, at) => (at === i ? news : one)))} />
          <button
            type="button"
            className="button button-quiet"
            onClick={() => change(rules.filter((_, at) => at !== i))}
          >
            {t('users.remove')}
          </button>
        </fieldset>
      ))}
      {rules.length === 0 ? <p className="warn">{t('rules.none')}</p> : null}
      <button type="button" className="button" onClick={() => change([...rules, ...DEFAULT_RULES])}>
        <Icon name="plus" size={16} />
        {t('rules.add')}
      </button>
    </div>
  )
}

function Rule(props: { readonly rule: ChannelRule; change(rule: ChannelRule): void }): ReactNode {
  const { t } = useText()
  const { rule, change } = props
  const places = useConsole((s) => s.places)
  const offered = [...places.values()].filter(({ kind }) => kind === 'county' || kind === 'home')
  const { shift } = rule
  return (
    <>
      <Several
        label={t('rules.kinds')}
        hint={t('rules.allKinds')}
        all={INCIDENT_KINDS}
        chosen={rule.kinds}
        word={(kind) => t(`incident.kind.${kind}`)}
        change={(kinds) => change({ ...rule, kinds: [...kinds] })}
      />
      <Several
        label={t('rules.occasions')}
        all={OCCASIONS}
        chosen={rule.occasions}
        word={(occasion) => t(`messages.occasion.${occasion}`)}
        change={(occasions) => {
          if (occasions.length > 0) change({ ...rule, occasions: [...occasions] })
        }}
      />
      <label>
        {t('rules.atLeast')}
        <select
          value={rule.atLeast}
          onChange={(event) =>
            change({ ...rule, atLeast: SEVERITIES.find((one) => one === event.target.value) ?? 'WARNING' })
          }
        >
          {SEVERITIES.map((one) => (
            <option key={one} value={one}>
              {t(`severity.${one}`)}
            </option>
          ))}
        </select>
      </label>
      {rule.occasions.includes('escalated') ? (
        <label>
          {t('rules.fromStep')}
          <input
            type="number"
            min={0}
            max={MOST_STEPS}
            value={rule.fromStep}
            onChange={(event) => change({ ...rule, fromStep: Math.max(0, Math.trunc(Number(event.target.value))) })}
          />
        </label>
      ) : null}
      <label>
        {t('rules.where')}
        <select
          value={rule.placeId ?? ''}
          onChange={(event) => change({ ...rule, placeId: event.target.value || null })}
        >
          <option value="">{t('rules.everywhere')}</option>
          {(['county', 'home'] as const).map((kind) => (
            <optgroup key={kind} label={t(`place.${kind}`)}>
              {offered
                .filter((place) => place.kind === kind)
                .map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
            </optgroup>
          ))}
        </select>
      </label>
      <label>
        {t('rules.when')}
        <select
          value={shift === null ? 'always' : 'shift'}
          onChange={(event) => change({ ...rule, shift: event.target.value === 'shift' ? NIGHT : null })}
        >
          <option value="always">{t('rules.always')}</option>
          <option value="shift">{t('rules.shift')}</option>
        </select>
      </label>
      {shift === null ? null : (
        <span className="rule-shift">
          {(['from', 'to'] as const).map((end) => (
            <label key={end}>
              {t(`rules.${end}`)}
              <input
                type="time"
                required
                value={shift[end]}
                onChange={(event) => {
                  if (event.target.value !== '') change({ ...rule, shift: { ...shift, [end]: event.target.value } })
                }}
              />
            </label>
          ))}
          <Several
            label={t('rules.days')}
            hint={t('day.every')}
            all={DAYS}
            chosen={shift.days}
            word={(day) => dayName(day, t)}
            change={(days) => change({ ...rule, shift: { ...shift, days: [...days] } })}
          />
        </span>
      )}
    </>
  )
}

/** Any number of a few words. */
function Several<T extends string | number>(props: {
  readonly label: string
  /** What none chosen means. */
  readonly hint?: string
  readonly all: readonly T[]
  readonly chosen: readonly (string | number)[]
  word(one: T): string
  change(chosen: readonly T[]): void
}): ReactNode {
  const { label, hint, all, chosen, word, change } = props
  return (
    <fieldset className="several">
      <legend>{label}</legend>
      {all.map((one) => (
        <label key={one}>
          <input
            type="checkbox"
            checked={chosen.includes(one)}
            onChange={(event) =>
              change(all.filter((other) => (other === one ? event.target.checked : chosen.includes(other))))
            }
          />
          {word(one)}
        </label>
      ))}
      {hint !== undefined && chosen.length === 0 ? <small className="quiet">{hint}</small> : null}
    </fieldset>
  )
}
