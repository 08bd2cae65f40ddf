import { type ReactNode, useState } from 'react'
import type { Device } from '../../../../contract/api.ts'
import type { ZoneRow } from '../../../../contract/water-api.ts'
import type { OrderSubject } from '../../../../contract/work-orders.ts'
import { get, queryOf } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { useSettled } from '../api/use-settled.ts'
import { useText } from '../i18n/text.ts'
import { NewOrder } from './NewOrder.tsx'

const OFFERED = 12

interface Offered {
  readonly kind: OrderSubject
  readonly id: string
  readonly words: string
}

async function find(words: string, signal: AbortSignal): Promise<readonly Offered[]> {
  const query = { q: words, limit: OFFERED }
  const [zones, meters] = await Promise.all([
    get<{ readonly items: readonly ZoneRow[] }>(`/api/water/zones${queryOf(query)}`, signal),
    get<{ readonly items: readonly Device[] }>(`/api/devices${queryOf({ ...query, kind: 'water-meter' })}`, signal),
  ])
  return [
    ...zones.items.map(({ id, name }) => ({ kind: 'zone' as const, id, words: `${name} (${id})` })),
    ...meters.items.map(({ id, name }) => ({ kind: 'meter' as const, id, words: name ? `${name} (${id})` : id })),
  ]
}

/** A repair that no alarm asked for: the zone or the meter is looked for by its name. */
export function NewOrderByHand({ onCancel }: { readonly onCancel: () => void }): ReactNode {
  const { t } = useText()
  const [words, setWords] = useState('')
  const wanted = useSettled(words.trim())
  const offered = useAnswer(wanted === '' ? null : `order for ${wanted}`, (signal) => find(wanted, signal)).data
  const [chosen, choose] = useState<Offered | null>(null)
  const take = (typed: string): void => {
    setWords(typed)
    choose(offered?.find((one) => one.words === typed) ?? null)
  }
  return (
    <>
      <div className="form form-wide order-subject">
        <label>
          {t('order.where')}
          <input
            type="search"
            list="order-subjects"
            value={words}
            placeholder={t('order.whereSearch')}
            onChange={(event) => take(event.target.value)}
          />
          <datalist id="order-subjects">
            {offered?.map(({ kind, id, words: shown }) => (
              <option key={`${kind} ${id}`} value={shown}>
                {t(`order.kind.${kind}`)}
              </option>
            ))}
          </datalist>
        </label>
        {chosen === null ? <p className="quiet form-long">{t('order.whichWhere')}</p> : null}
      </div>
      {chosen === null ? null : <NewOrder key={chosen.id} kind={chosen.kind} id={chosen.id} onCancel={onCancel} />}
    </>
  )
}
