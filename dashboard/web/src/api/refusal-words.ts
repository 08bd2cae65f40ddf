import { hasText, text } from '../i18n/text.ts'

/** Why the server did not do it, in the language of the person; what has no words yet in those of the server. */
export function refusalWords(code: string, message: string): string {
  const key = `refusal.${code}`
  if (hasText(key)) return text(key)
  return message || text('error.unknown', { code })
}
