import type { SessionRef } from '@spool/log'

/** Something an agent can do. Whoever runs it deals with events, attempts and limits; a tool only does its work. */
export interface Tool {
  /** What the model calls it: letters, digits, `_` and `-`, at most 64. */
  readonly name: string
  readonly description: string
  /** JSON Schema of its arguments, an object. */
  readonly inputSchema: Readonly<Record<string, unknown>>
  /** false: never run twice, whatever died. */
  readonly repeatable: boolean
  readonly timeoutMs: number
  /** Longest output as JSON that goes into the log; what is larger becomes a blob. */
  readonly maxOutputBytes: number
  /** Asks a person before each call, whatever the agent's mode; a plan that was confirmed has asked. */
  readonly asksFirst: boolean
  /** What is wrong with the arguments, in words for the model; null: nothing. Pure. */
  problemOf(input: unknown): string | null
  /**
   * Does it. Fails with a `ToolError` for what the model should hear; any other error is told in general words. The
   * signal is aborted when nobody waits for the result any more: at the time limit, and when the run is cancelled.
   */
  run(input: unknown, context: ToolContext): Promise<unknown>
}

export interface ToolContext {
  readonly ref: SessionRef
  readonly run: string
  /** The same in each attempt: an idempotency key for what lies outside. */
  readonly call: string
  readonly attempt: number
  readonly language: string | null
  readonly signal: AbortSignal
  /** Tells how far it is; may be called as often as one likes, only the newest is told. */
  progress(told: { progress?: number; text?: string }): void
  /** Adds an artifact to the session; once per call, however often the call is attempted. */
  createArtifact(artifact: NewArtifact): Promise<void>
  /** Tells those who follow the session an event of its own, `custom.<name>`: in its place among the others, as it is. */
  emit(type: string, data?: unknown): Promise<void>
}

export interface NewArtifact {
  readonly kind: string
  readonly title: string
  readonly filename: string
  readonly mediaType: string
  readonly content: string
}
