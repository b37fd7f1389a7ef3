import { chat } from './chat.ts'
import type { Dialect } from './dialect.ts'

export type {
  Dialect,
  DialectState,
  Ending,
  Frame,
  Opening,
  Outcome,
  PastMessage,
  PlacedEvent,
  RunWish,
  Sent,
  View,
  Wish,
} from './dialect.ts'
export { DialectRefusal } from './dialect-refusal.ts'

/** All that are served. Whoever adds one adds it here. */
export const DIALECTS: readonly Dialect[] = [chat]
