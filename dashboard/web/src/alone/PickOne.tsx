import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { useAnswer } from '../api/use-answer.ts'
import { useSettled } from '../api/use-settled.ts'
import { useText } from '../i18n/text.ts'

/** Something that a person may pick, as they know it; its id for who knows that. */
export interface Pick {
  readonly id: string
  readonly title: string
  readonly note: string
}

/**
 * Looked for by what a person types, picked from a list: nobody has to know an id. The keys are those of the search box
 * (Ctrl+K): up, down, Enter, Escape.
 */
export function PickOne(props: {
  readonly label: string
  readonly placeholder: string
  readonly picked: Pick | null
  /** What fits these words; of no words, what may be offered anyway. */
  readonly find: (words: string, signal: AbortSignal) => Promise<readonly Pick[]>
  /** Names the answers: another list is asked for when it changes. */
  readonly of: string
  onPick(picked: Pick | null): void
}): ReactNode {
  const { t } = useText()
  const { label, placeholder, picked, find, of, onPick } = props
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const [words, setWords] = useState<string | null>(null)
  const [at, setAt] = useState(0)
  const open = words !== null
  const wanted = useSettled((words ?? '').trim())
  const { data: found } = useAnswer(open ? `${of} ${wanted}` : null, (signal) => find(wanted, signal))
  useEffect(() => {
    input.current?.setCustomValidity(picked === null ? t('pick.one') : '')
  }, [picked, t])
  const pick = (one: Pick | undefined): void => {
    if (one === undefined) return
    onPick(one)
    setWords(null)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const count = found?.length ?? 0
    if (event.key === 'Escape' && open) setWords(null)
    else if (event.key === 'Enter' && open) pick(found?.[at])
    else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      if (!open) setWords('')
      else if (count > 0) setAt((at + (event.key === 'ArrowDown' ? 1 : count - 1)) % count)
    } else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <div className="pick-one">
      <label htmlFor={id}>{label}</label>
      <input
        ref={input}
        id={id}
        type="text"
        role="combobox"
        autoComplete="off"
        aria-expanded={open}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        {...(open && found?.[at] !== undefined ? { 'aria-activedescendant': `${id}-${at}` } : {})}
        placeholder={placeholder}
        value={words ?? picked?.title ?? ''}
        onFocus={(event) => {
          setWords((before) => before ?? '')
          event.target.select()
        }}
        onBlur={() => setWords(null)}
        onChange={(event) => {
          setWords(event.target.value)
          setAt(0)
        }}
        onKeyDown={onKeyDown}
      />
      {!open && picked !== null && picked.note !== '' ? <small className="quiet">{picked.note}</small> : null}
      {open ? (
        <div id={`${id}-list`} role="listbox" aria-label={label} className="pick-list">
          {found?.map((one, i) => (
            <div
              key={one.id}
              id={`${id}-${i}`}
              role="option"
              aria-selected={i === at}
              tabIndex={-1}
              className={i === at ? 'is-current' : ''}
              onPointerMove={() => setAt(i)}
              // The input keeps the focus, or the list would be gone before the click.
              onMouseDown={(event) => event.preventDefault()}
              onPointerUp={() => pick(one)}
            >
              <strong>{one.title}</strong>
              <small className="quiet">{one.note}</small>
            </div>
          ))}
          {found === undefined ? <p className="quiet">{t('pick.looking')}</p> : null}
          {found?.length === 0 ? <p className="quiet">{t('pick.none')}</p> : null}
        </div>
      ) : null}
    </div>
  )
}
