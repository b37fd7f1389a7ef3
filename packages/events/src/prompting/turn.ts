import type { PromptMessage } from './prompt-message.ts'

/** What is never torn apart in a prompt: a message, or a message's calls with their results, or a task of a plan. */
export interface Turn {
  /** Of its beginning. */
  readonly seq: number
  readonly messages: readonly PromptMessage[]
  /** The message that the run answers: it is sent whatever else is summarised. */
  readonly isInput: boolean
  /** It answers the turn before it and says nothing without that. */
  readonly isReply: boolean
  /** The run's own: what it said and did. */
  readonly isOwn: boolean
}
