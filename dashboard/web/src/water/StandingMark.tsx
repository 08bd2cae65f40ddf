import type { ReactNode } from 'react'
import { useText } from '../i18n/text.ts'
import { Icon, type IconName } from '../shell/Icon.tsx'
import type { Standing } from './water-words.ts'

const ICONS: Record<Standing, IconName> = {
  loss: 'water',
  'more-inflow': 'water',
  high: 'question',
  quiet: 'check',
  learning: 'replay',
  'not-judged': 'question',
  unmeasured: 'minus',
}

/** What the night said of a zone: by shape, word and colour. */
export function StandingMark({ standing }: { readonly standing: Standing }): ReactNode {
  const { t } = useText()
  return (
    <span className={`standing standing-${standing}`}>
      <Icon name={ICONS[standing]} size={15} />
      {t(`verdict.${standing}`)}
    </span>
  )
}
