import { formatCursor } from '../cursor.ts'
import { isOpenMessage } from '../state/message-state.ts'
import type { ArtifactState } from '../state/artifact-state.ts'
import { isBeingCopied, messageOf, type SessionState } from '../state/session-state.ts'
import { draft, type EventFields } from '../vocabulary/draft.ts'
import type { KnownEvent } from '../vocabulary/event.ts'
import type { ToolResult } from '../vocabulary/message-events.ts'
import type { Part } from '../vocabulary/parts.ts'
import type { Original } from './original.ts'
import { messagePieces, nextPiece } from './message-pieces.ts'

export interface CopyTerms {
  readonly fromSession: string
  readonly fromCursor: string
  /** Of the log that the copy lies in. */
  readonly epoch: number
  readonly at: Date
  /** Blobs belong to a session: the copy's, by those of the original. What is not here keeps its id. */
  readonly blobs: ReadonlyMap<string, string>
}

/**
 * What to append next to a session that becomes a copy; null: it is whole. Called again after each append, so that
 * whoever comes after a crash goes on where the copy ends. Messages and artifacts keep their ids: they are unique in
 * their session only, and by them a copy tells how far it has come.
 */
export function nextCopy(original: Original, copy: SessionState, terms: CopyTerms): KnownEvent | null {
  const { at } = terms
  const origin = { from_session: terms.fromSession, from_cursor: terms.fromCursor }
  if (copy.forkedFrom === null) {
    const { agent, language } = original
    const answered = { ...(agent !== null && { agent }), ...(language !== null && { language }) }
    return draft('session.forked', { ...origin, copying: true, ...answered }, at)
  }
  if (!isBeingCopied(copy)) return null
  const message = nextMessage(original, copy)
  if (message !== null) return draft('message.added', withBlobs(message, terms.blobs), at)
  const artifact = original.artifacts.find(({ id }) => !copy.artifacts.some((copied) => copied.id === id))
  if (artifact !== undefined) return draft('artifact.created', artifactOf(artifact, terms.blobs), at)
  if (original.title !== null && original.title !== copy.title)
    return draft('session.titled', { title: original.title }, at)
  if (original.summary !== null && copy.summary === null) {
    const { text, messages, upTo } = original.summary
    const seq = (upTo === null ? undefined : messageOf(copy, upTo)?.firstSeq) ?? copy.firstSeq
    return draft('session.summarised', { up_to: formatCursor({ epoch: terms.epoch, seq }), text, messages }, at)
  }
  return draft('session.forked', origin, at)
}

function nextMessage({ messages, places }: Original, copy: SessionState): EventFields<'message.added'> | null {
  const last = copy.messages.findLast(({ id }) => places.has(id))
  const at = last === undefined ? -1 : places.get(last.id)!
  if (last !== undefined && isOpenMessage(last)) return nextPiece(messagePieces(messages[at]!), last)
  const next = messages[at + 1]
  return next === undefined ? null : messagePieces(next)[0]!
}

function artifactOf(artifact: ArtifactState, blobs: CopyTerms['blobs']): EventFields<'artifact.created'> {
  const { id, kind, title, filename, media_type, content, blob } = artifact
  return {
    artifact: id,
    kind,
    title,
    filename,
    media_type,
    ...(content !== null && { content }),
    ...(blob !== null && { blob: blobs.get(blob) ?? blob }),
  }
}

function withBlobs(message: EventFields<'message.added'>, blobs: CopyTerms['blobs']): EventFields<'message.added'> {
  if (blobs.size === 0) return message
  const { parts, tool_results: results } = message
  return {
    ...message,
    parts: parts.map((part): Part => {
      const blob = part.type === 'text' || part.blob === undefined ? undefined : blobs.get(part.blob)
      return blob === undefined ? part : ({ ...part, blob } as Part)
    }),
    ...(results && { tool_results: results.map((result) => resultWith(result, blobs)) }),
  }
}

/** The model is told by its id where the whole output lies. */
function resultWith(result: ToolResult, blobs: CopyTerms['blobs']): ToolResult {
  const { blob: old, output } = result
  const blob = old === undefined ? undefined : blobs.get(old)
  if (old === undefined || blob === undefined) return result
  return {
    ...result,
    blob,
    output: output.type === 'json' ? output : { ...output, value: output.value.replaceAll(old, blob) },
  }
}
