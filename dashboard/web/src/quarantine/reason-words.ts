import { isReason, REASONS } from '../../../../contract/reasons.ts'
import { inLanguage, type Language } from '../i18n/text.ts'

/** What a reason means; a code that this console does not know yet stands for itself. */
export const wordsOf = (reason: string, language: Language): string =>
  isReason(reason) ? inLanguage(REASONS[reason], language) : reason
