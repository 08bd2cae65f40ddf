import { type ReactNode, useEffect, useRef } from 'react'
import { useText } from '../i18n/text.ts'
import type { TextKey } from '../i18n/zh.ts'
import { Icon } from '../shell/Icon.tsx'
import { useView, view } from '../store/view.ts'

const KEYS: readonly { readonly keys: readonly string[]; readonly word: TextKey }[] = [
  { keys: ['J'], word: 'keys.down' },
  { keys: ['K'], word: 'keys.up' },
  { keys: ['A'], word: 'keys.ack' },
  { keys: ['Enter'], word: 'keys.open' },
  { keys: ['Esc'], word: 'keys.close' },
  { keys: ['Ctrl', 'K'], word: 'keys.find' },
  { keys: ['?'], word: 'keys.help' },
]

export function KeysHelp(): ReactNode {
  const { t } = useText()
  const open = useView((v) => v.keys)
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (open) dialog.current?.showModal()
    else dialog.current?.close()
  }, [open])
  return (
    <dialog ref={dialog} className="dialog" aria-label={t('keys.title')} onClose={() => view.change({ keys: false })}>
      <header className="dialog-head">
        <h2>{t('keys.title')}</h2>
        <button
          type="button"
          className="icon-button"
          aria-label={t('act.dismiss')}
          onClick={() => view.change({ keys: false })}
        >
          <Icon name="close" />
        </button>
      </header>
      <dl className="keys">
        {KEYS.map(({ keys, word }) => (
          <div key={word}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{t(word)}</dd>
          </div>
        ))}
      </dl>
    </dialog>
  )
}
