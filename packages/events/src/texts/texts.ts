import type { TextKey } from './english.ts'

/** All texts in one language; `{name}` is a place for a value, the same as in English. */
export type Texts = Readonly<Record<TextKey, string>>
