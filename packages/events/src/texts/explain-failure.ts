import { english, type TextKey } from './english.ts'
import { say } from './say.ts'

/** What a message's end and its failure call the same. */
const SAME_AS: Readonly<Record<string, string>> = { content_filter: 'provider_content_filtered' }

/**
 * What a person is told of a run that ended with this code: what happened, what is safe, what to do next. Where the
 * provider's own words are in the reader's language, they say more. null: there is no text for this code.
 */
export function explainFailure(language: string | null | undefined, code: string): string | null {
  const key = `error.${SAME_AS[code] ?? code}`
  return isWhole(key) ? say(language, key) : null
}

/** A text with a place for a value says nothing by its code alone. */
function isWhole(key: string): key is TextKey {
  return Object.hasOwn(english, key) && !english[key as TextKey].includes('{')
}
