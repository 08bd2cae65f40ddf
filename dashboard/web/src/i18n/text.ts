import i18next from 'i18next'
import { useCallback } from 'react'
import { initReactI18next, useTranslation } from 'react-i18next'
import { en } from './en.ts'
import { type TextKey, zh } from './zh.ts'

const LANGUAGES = ['zh', 'en'] as const
export type Language = (typeof LANGUAGES)[number]
/** Fills `{{name}}` in a text. */
type Fill = Readonly<Record<string, string | number>>
export type Text = (key: TextKey, fill?: Fill) => string

const REMEMBERED = 'hydrant.language'

/** What was chosen before, else the browser's language, else Chinese. */
export function preferredLanguage(remembered: string | null, browser: readonly string[]): Language {
  if (remembered === 'zh' || remembered === 'en') return remembered
  for (const tag of browser) {
    const language = tag.toLowerCase().split('-')[0]
    if (language === 'zh' || language === 'en') return language
  }
  return 'zh'
}

const isLanguage = (word: string): word is Language => word === 'zh' || word === 'en'
const currentLanguage = (): Language => (isLanguage(i18next.language) ? i18next.language : 'zh')
export const hasText = (key: string): key is TextKey => Object.hasOwn(zh, key)
/** For code outside React. */
export const text: Text = (key, fill) => i18next.t(key, { ...fill })

export async function startText(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: preferredLanguage(localStorage.getItem(REMEMBERED), navigator.languages),
    fallbackLng: 'zh',
    resources: { zh: { translation: zh }, en: { translation: en } },
    keySeparator: false,
    nsSeparator: false,
    // React escapes what it renders.
    interpolation: { escapeValue: false },
  })
  document.documentElement.lang = currentLanguage() === 'zh' ? 'zh-CN' : 'en'
}

export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(REMEMBERED, language)
  await i18next.changeLanguage(language)
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'
}

export function useText(): { readonly t: Text; readonly language: Language } {
  const { t, i18n } = useTranslation()
  const translate = useCallback<Text>((key, fill) => t(key, { ...fill }), [t])
  return { t: translate, language: isLanguage(i18n.language) ? i18n.language : 'zh' }
}

/** The words of a contract table in the language shown. */
export const inLanguage = (facts: { readonly en: string; readonly zh: string }, language: Language): string =>
  language === 'zh' ? facts.zh : facts.en
