/** Languages in which Spool itself can speak to people. */
export const LANGUAGES = ['en', 'zh', 'ja', 'es', 'fr'] as const
export type Language = (typeof LANGUAGES)[number]

/** `zh-CN`, `zh_TW`, `ZH` -> `zh`; what Spool does not speak, and nothing, -> `en`. */
export function languageOf(tag: string | null | undefined): Language {
  const first = tag?.toLowerCase().split(/[-_]/, 1)[0]
  return LANGUAGES.find((language) => language === first) ?? 'en'
}
