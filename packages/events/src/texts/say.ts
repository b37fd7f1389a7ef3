import { english, type TextKey } from './english.ts'

/** A text of Spool's own, in the language of who reads it. */
export function say(
  _language: string | null | undefined,
  key: TextKey,
  values: Readonly<Record<string, string | number>> = {},
): string {
  return english[key].replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place))
}
