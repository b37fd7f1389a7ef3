import type { Kind } from './recordings/recorded-answers.ts'
import { type WireFormatName, wireFormats } from './wire-formats.ts'

/** All that were made. */
export const recordings: readonly (readonly [WireFormatName, Kind])[] = [
  ...(Object.keys(wireFormats) as WireFormatName[]).map((format) => [format, 'text'] as const),
  ['anthropic-messages', 'reasoning'],
  ['google-gemini', 'reasoning'],
  ['ollama-chat', 'reasoning'],
  ['compatible-chat', 'calls'],
  ['anthropic-messages', 'calls'],
  ['google-gemini', 'calls'],
  ['ollama-chat', 'calls'],
]
