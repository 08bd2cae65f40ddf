import { type ReactNode, useMemo, useState } from 'react'
import { formatCount } from '../format/amount.ts'
import { useText } from '../i18n/text.ts'
import { asHex, asText, bytesOf, HEX_ROW, type Parts } from './bytes.ts'

/** Rows of hex before a person asks for all of them: the largest payload has 4,096. */
const FIRST_ROWS = 32
/** Rows shown before the one where it goes wrong. */
const LEAD_ROWS = 4

/** The bytes of a message as text and as hex, with the part set off that is wrong. */
export function BytesView(props: {
  readonly base64: string
  readonly offending: { readonly from: number; readonly to: number } | null
}): ReactNode {
  const { t } = useText()
  const { base64, offending } = props
  const bytes = useMemo(() => bytesOf(base64), [base64])
  const text = useMemo(() => asText(bytes, offending), [bytes, offending])
  const [form, setForm] = useState<'text' | 'hex'>(text === null ? 'hex' : 'text')
  const [whole, setWhole] = useState(false)
  const shown = text === null ? 'hex' : form
  return (
    <div className="payload">
      <div className="payload-head">
        <span className="segments segments-small">
          <button
            type="button"
            aria-pressed={shown === 'text'}
            disabled={text === null}
            onClick={() => setForm('text')}
          >
            {t('quarantine.asText')}
          </button>
          <button type="button" aria-pressed={shown === 'hex'} onClick={() => setForm('hex')}>
            {t('quarantine.asHex')}
          </button>
        </span>
        <span className="quiet">
          {t('quarantine.bytes', { n: formatCount(bytes.length) })}
          {offending === null ? null : ` · ${t('quarantine.wrongAt', { n: formatCount(offending.from) })}`}
          {text === null ? ` · ${t('quarantine.noText')}` : null}
        </span>
      </div>
      {bytes.length === 0 ? (
        <p className="quiet">{t('quarantine.noBytes')}</p>
      ) : shown === 'text' ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by the keyboard
        <pre className="payload-text" tabIndex={0}>
          <Marked parts={text ?? ['', '', '']} />
        </pre>
      ) : (
        <Hex bytes={bytes} offending={offending} whole={whole} onWhole={() => setWhole(true)} />
      )}
    </div>
  )
}

function Hex(props: {
  readonly bytes: Uint8Array
  readonly offending: { readonly from: number; readonly to: number } | null
  readonly whole: boolean
  onWhole(): void
}): ReactNode {
  const { t } = useText()
  const rows = useMemo(() => asHex(props.bytes, props.offending), [props.bytes, props.offending])
  const wrong = props.offending === null ? 0 : Math.floor(props.offending.from / HEX_ROW)
  const first = props.whole ? 0 : Math.max(0, Math.min(wrong - LEAD_ROWS, rows.length - FIRST_ROWS))
  const shown = props.whole ? rows : rows.slice(first, first + FIRST_ROWS)
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by the keyboard */}
      <div className="hex" tabIndex={0}>
        {shown.map(({ offset, hex, chars }) => (
          <div key={offset} className="hex-row">
            <span className="hex-offset">{offset}</span>
            <span className="hex-bytes">
              <Marked parts={hex} between=" " />
            </span>
            <span className="hex-chars">
              <Marked parts={chars} />
            </span>
          </div>
        ))}
      </div>
      {shown.length < rows.length ? (
        <button type="button" className="button button-quiet" onClick={props.onWhole}>
          {t('quarantine.allBytes', { n: formatCount(props.bytes.length) })}
        </button>
      ) : null}
    </>
  )
}

function Marked({ parts, between = '' }: { readonly parts: Parts; readonly between?: string }): ReactNode {
  const [before, wrong, after] = parts
  return (
    <>
      {before}
      {before !== '' && wrong !== '' ? between : null}
      {wrong === '' ? null : <mark>{wrong}</mark>}
      {wrong !== '' && after !== '' ? between : null}
      {after}
    </>
  )
}
