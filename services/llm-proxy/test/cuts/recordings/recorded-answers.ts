/**
 * What the model says in the recordings. In pieces of nine UTF-16 units, as the mock sends it, the first piece ends in
 * the middle of an emoji and one is nothing but white space; it begins and ends in white space, says a word twice, and
 * has characters of one to four bytes.
 */
export const text = '\n Zoë 🧵🌍: ha 日本\n\n\t   \n  ha ha \n'

export const reasoning = 'Hm 🤔 – ça va.\n'

export interface RecordedCall {
  readonly name: string
  readonly input: unknown
}

export const calls: readonly RecordedCall[] = [
  { name: 'weather', input: { city: 'Zürich 🏔', days: [1, 2] } },
  { name: 'time', input: {} },
]

/** Spoken before the calls. */
export const announcement = 'I look it up. '

export const kinds = {
  text: { text },
  reasoning: { reasoning, text },
  calls: { text: announcement, calls },
} as const satisfies Record<string, { text: string; reasoning?: string; calls?: readonly RecordedCall[] }>

export type Kind = keyof typeof kinds
