import { looksLikeKey } from './looks-like-key.ts'
import { nearWord } from './near-word.ts'

/** `; did you mean …?` where one of the names is near, and is none that may not be shown. */
export function nearName(written: string, names: readonly string[]): string {
  const near = nearWord(
    written,
    names.filter((name) => !looksLikeKey(name)),
  )
  return near ? `; did you mean ${near}?` : ''
}
