export { newId } from './new-id.ts'
export { LANGUAGES, languageOf } from './texts/language.ts'
export type { Language } from './texts/language.ts'
export { explainFailure } from './texts/explain-failure.ts'
export { say } from './texts/say.ts'
export { onOneLine, shown } from './texts/shown.ts'
export { answerIn, systemPrompt } from './texts/system-prompt.ts'
export type { TextKey } from './texts/english.ts'
export { codePoints, splitHalf } from './unicode.ts'
export { BEGINNING, formatCursor, parseCursor } from './cursor.ts'
export type { Cursor } from './cursor.ts'
export type { Placed } from './placed.ts'

export { EVENT_TYPES, eventSchema, isKnown, namedEventSchema, schemaOf } from './vocabulary/event.ts'
export type {
  EventOf,
  EventType,
  KnownEvent,
  NamedEvent,
  NamedType,
  SpoolEvent,
  UnknownEvent,
} from './vocabulary/event.ts'
export { parseEvent, readEvent } from './vocabulary/parse-event.ts'
export type { ParsedEvent } from './vocabulary/parse-event.ts'
export { CURRENT_VERSIONS } from './vocabulary/versions.ts'
export { draft } from './vocabulary/draft.ts'
export type { EventFields } from './vocabulary/draft.ts'
export { encodeEvent, MAX_EVENT_BYTES } from './vocabulary/encode-event.ts'
export { EventTooLarge } from './vocabulary/event-too-large.ts'
export { InvalidEvent } from './vocabulary/invalid-event.ts'
export { IDENTIFIER } from './vocabulary/scalars.ts'
export { blobsOf } from './vocabulary/blobs-of.ts'
export { partSchema, partsSchema } from './vocabulary/parts.ts'
export type { Part } from './vocabulary/parts.ts'
export type { ReplayPart } from './vocabulary/replay.ts'
export { usageSchema } from './vocabulary/usage.ts'
export type { ReportedUsage, Usage } from './vocabulary/usage.ts'
export type { Failure } from './vocabulary/failure.ts'
export { besideSchema, FINISH_REASONS } from './vocabulary/message-events.ts'
export type { Beside, FinishReason, Purpose, Timing, ToolCall, ToolResult } from './vocabulary/message-events.ts'
export { confirmationModeSchema, limitsSchema } from './vocabulary/run-events.ts'
export type { CustomEvent } from './vocabulary/custom-events.ts'
export type { Task } from './vocabulary/confirmation-events.ts'

export {
  callOf,
  emptySession,
  isBeingCopied,
  isBeingImported,
  messageOf,
  openPart,
  queuedRuns,
  runOf,
} from './state/session-state.ts'
export type { Origin, Phase, ResultState, SessionState, SummaryState } from './state/session-state.ts'
export { isOpenRun } from './state/run-state.ts'
export type { CancelRequest, MemoryState, PlanState, RunState, RunStatus } from './state/run-state.ts'
export { hasProgressed, isOpenMessage } from './state/message-state.ts'
export type {
  FailedAttempt,
  MessagePart,
  MessageState,
  MessageStatus,
  StreamingFigures,
} from './state/message-state.ts'
export { isOpenCall } from './state/call-state.ts'
export type { CallState } from './state/call-state.ts'
export type { QuestionState, Resolution } from './state/question-state.ts'
export type { ArtifactState } from './state/artifact-state.ts'

export { closingEvents } from './forking/closing-events.ts'
export type { Cut } from './forking/closing-events.ts'
export { nextCopy } from './forking/next-copy.ts'
export type { CopyTerms } from './forking/next-copy.ts'
export { endOfExternal, failureOfExternal, timingOfExternal } from './producing/end-of-external.ts'
export { cutHistory, isOnlyHistory, nextOfHistory } from './taking-over/next-of-history.ts'
export type { PastMessage } from './taking-over/next-of-history.ts'
export { originalOf } from './forking/original.ts'
export type { Original } from './forking/original.ts'
export { fold } from './folding/fold.ts'
export { foldMessage } from './folding/fold-message.ts'
export { isTurn, phaseOf } from './phase/phase-of.ts'
export { allows } from './phase/allows.ts'
export { pending } from './jobs/pending.ts'
export type { Job } from './jobs/pending.ts'
export { placedTerms, type PlacedTerm } from './searching/placed-terms.ts'
export { searchTerms, termsOf } from './searching/terms-of.ts'
export { prompt } from './prompting/prompt.ts'
export { nextPrompt } from './prompting/next-prompt.ts'
export type { NextPrompt, PromptLimits } from './prompting/next-prompt.ts'
export type { Turn } from './prompting/turn.ts'
export { estimateJson, estimateText, estimateTokens, estimateTools } from './prompting/estimate-tokens.ts'
export { clipText } from './prompting/clip-text.ts'
export { commonLimit } from './prompting/transcript.ts'
export { PROPOSE_PLAN } from './prompting/tool-result.ts'
export { keptText } from './prompting/kept-text.ts'
export { UnknownMessage } from './prompting/unknown-message.ts'
export type {
  PromptAnswer,
  PromptFile,
  PromptMessage,
  PromptReasoning,
  PromptText,
  PromptToolCall,
  PromptToolResult,
  Replay,
} from './prompting/prompt-message.ts'
