import { chinese } from './chinese.ts'
import { english, type TextKey } from './english.ts'
import { french } from './french.ts'
import { japanese } from './japanese.ts'
import { type Language, languageOf } from './language.ts'
import { spanish } from './spanish.ts'
import type { Texts } from './texts.ts'

export const catalogue: Readonly<Record<Language, Texts>> = {
  en: english,
  zh: chinese,
  ja: japanese,
  es: spanish,
  fr: french,
}

/** A text of Spool's own, in the language of who reads it. */
export function say(
  language: string | null | undefined,
  key: TextKey,
  values: Readonly<Record<string, string | number>> = {},
): string {
  const text = catalogue[languageOf(language)][key]
  return text.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place))
}
