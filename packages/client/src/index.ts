export type { BackoffOptions } from './calling/backoff.ts'
export {
  type ClientEvent,
  isQuestion,
  isReset,
  type QuestionEvent,
  type ResetEvent,
  type Task,
} from './client-event.ts'
export type { ConfirmAnswer, Confirmed } from './confirm-answer.ts'
export type { Cursor } from './cursor.ts'
export {
  AnswerNotTaken,
  ChainBroken,
  type ProblemDocument,
  QuestionAsked,
  Refused,
  RunCancelled,
  RunFailed,
  Unreachable,
  type WhatHappened,
} from './errors.ts'
export {
  type Chunk,
  type Chunks,
  type Finalized,
  type FinishReason,
  type ProducedUsage,
  StreamingResponse,
} from './producing/streaming-response.ts'
export type { Run, RunOutcome, TextOptions } from './run.ts'
export type { Session } from './session.ts'
export type { BeginOptions, FollowOptions, ForkOptions, Message, Moment, SendOptions } from './session-options.ts'
export type {
  AgentSnapshot,
  ArtifactSnapshot,
  AtCursor,
  MemorySnapshot,
  MessageSnapshot,
  QuestionSnapshot,
  RawMessage,
  RunSnapshot,
  SearchHit,
  SessionSnapshot,
} from './snapshots.ts'
export { Spool, type SpoolOptions } from './spool.ts'
export { type SseFrame, SseParser } from './streaming/sse-parser.ts'
