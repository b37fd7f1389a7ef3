import { agent } from './agent.ts'
import { chat } from './chat.ts'
import { confirmation } from './confirmation.ts'
import type { Dialect } from './dialect.ts'
import { planner } from './planner.ts'

export type {
  Dialect,
  DialectState,
  Ending,
  Frame,
  MessageContext,
  Opening,
  Outcome,
  PastMessage,
  PlacedEvent,
  RawMessage,
  RunWish,
  Sent,
  ShownMessage,
  View,
  ViewQuery,
  Wish,
} from './dialect.ts'
export { DialectRefusal } from './dialect-refusal.ts'
export { written } from './written.ts'

/** All that are served. Whoever adds one adds it here. */
export const DIALECTS: readonly Dialect[] = [confirmation, chat, planner, agent]
