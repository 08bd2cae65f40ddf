import type { ReactNode } from 'react'
import type { ChannelRule } from '../../../../contract/channels.ts'
import { daysWords } from '../homes/days-words.ts'
import { useText } from '../i18n/text.ts'
import { useConsole } from '../store/console.ts'

/** One rule as a line: what, how bad, on which occasions, where, when. */
export function RuleWords({ rule }: { readonly rule: ChannelRule }): ReactNode {
  const { t, language } = useText()
  const places = useConsole((s) => s.places)
  const list = (words: readonly string[]): string => words.join(language === 'zh' ? '、' : ', ')
  const { kinds, occasions, atLeast, fromStep, placeId, shift } = rule
  const occasionWords = occasions.map((one) => {
    const word = t(`messages.occasion.${one}`)
    return one === 'escalated' && fromStep > 0 ? `${word} (${t('rules.fromStepN', { n: fromStep })})` : word
  })
  return (
    <>
      <b>{kinds.length === 0 ? t('rules.allKinds') : list(kinds.map((kind) => t(`incident.kind.${kind}`)))}</b>
      <span>{list(occasionWords)}</span>
      <span>{t('rules.atLeastOf', { severity: t(`severity.${atLeast}`) })}</span>
      <span>{placeId === null ? t('rules.everywhere') : (places.get(placeId)?.name ?? placeId)}</span>
      <span>{shift === null ? t('rules.always') : `${shift.from}–${shift.to} ${daysWords(shift.days, t)}`}</span>
    </>
  )
}
