import { clipText } from '../prompting/clip-text.ts'
import type { MessagePart, MessageState } from '../state/message-state.ts'
import { splitHalf } from '../unicode.ts'
import type { EventFields } from '../vocabulary/draft.ts'
import type { ToolCall, ToolResult } from '../vocabulary/message-events.ts'
import type { Part } from '../vocabulary/parts.ts'

// An event takes 256 KiB. An answer may have more text, and the results of its calls more still: a copy of it is told in
// several events then, each going on where the one before has ended.

type Added = EventFields<'message.added'>

/** As JSON, without what every event has. */
const MOST_BYTES = 192 * 1024
/** In UTF-16 units, each of which takes six bytes at most. */
const LONGEST_TEXT = 32 * 1024
/** A result that takes more than an event alone is told by its beginning and its end. */
const LONGEST_RESULT_TOKENS = 10_000

type Piece = Pick<Added, 'reasoning' | 'tool_calls' | 'tool_results'> & { readonly parts: Part[] }

type Atom =
  | { readonly kind: 'reasoning'; readonly text: string }
  /** `goesOn`: with the text before it. */
  | { readonly kind: 'text'; readonly text: string; readonly goesOn: boolean }
  | { readonly kind: 'part'; readonly part: Part }
  | { readonly kind: 'call'; readonly call: ToolCall }
  | { readonly kind: 'result'; readonly result: ToolResult }

/** The events that make a copy of a finished message; nearly always one. */
export function messagePieces(message: MessageState): Added[] {
  const packed = pack(atomsOf(message)).map(pieceOf)
  const { id, role, model, provider, status, reason } = message
  const last = packed.length - 1
  return packed.map((piece, index) => ({
    message: id,
    role,
    ...piece,
    ...(index === 0 && model !== null && { model }),
    ...(index === 0 && provider !== null && { provider }),
    ...(index < last && { continued: true as const }),
    ...(index === last && status === 'partial' && { status: 'partial' as const }),
    ...(index === last && reason !== null && { reason }),
  }))
}

/** The first of the pieces that a copy has not. */
export function nextPiece(pieces: readonly Added[], copy: MessageState): Added {
  let left = extentOf(copy.parts) + (copy.results?.length ?? 0)
  for (const piece of pieces) {
    if (left <= 0) return piece
    left -= extentOfPiece(piece)
  }
  return pieces.at(-1)!
}

function extentOfPiece({ parts, reasoning, tool_calls, tool_results }: Added): number {
  return extentOf(parts) + (reasoning?.length ?? 0) + (tool_calls?.length ?? 0) + (tool_results?.length ?? 0)
}

function extentOf(parts: readonly MessagePart[]): number {
  return parts.reduce(
    (sum, part) => sum + (part.type === 'text' || part.type === 'reasoning' ? part.text.length : 1),
    0,
  )
}

function atomsOf({ parts, toolCalls, results = [] }: MessageState): Atom[] {
  const reasoning = parts.flatMap((part) => (part.type === 'reasoning' ? [part.text] : [])).join('\n\n')
  return [
    ...chunksOf(reasoning).flatMap((text): Atom[] => (text === '' ? [] : [{ kind: 'reasoning', text }])),
    ...parts.flatMap((part): Atom[] => {
      if (part.type === 'reasoning' || part.type === 'tool_call') return []
      if (part.type !== 'text') return [{ kind: 'part', part }]
      return chunksOf(part.text).map((text, index) => ({ kind: 'text', text, goesOn: index > 0 }))
    }),
    ...toolCalls.map((call): Atom => ({ kind: 'call', call })),
    ...results.map((result): Atom => ({ kind: 'result', result: withinEvent(result) })),
  ]
}

/** Never half a character. At least one, so that an empty text stays one. */
function chunksOf(text: string): string[] {
  const chunks: string[] = []
  let at = 0
  do {
    const { whole } = splitHalf(text.slice(at, at + LONGEST_TEXT))
    const isLast = at + LONGEST_TEXT >= text.length
    const chunk = isLast || whole === '' ? text.slice(at, at + LONGEST_TEXT) : whole
    chunks.push(chunk)
    at += chunk.length
  } while (at < text.length)
  return chunks
}

function withinEvent(result: ToolResult): ToolResult {
  if (bytesOf(result) <= MOST_BYTES) return result
  const { type, value } = result.output
  const text = type === 'json' ? (JSON.stringify(value) ?? '') : value
  return {
    ...result,
    output: { type: type === 'json' ? 'text' : type, value: clipText(text, LONGEST_RESULT_TOKENS) },
  }
}

function pack(atoms: readonly Atom[]): Atom[][] {
  const packed: Atom[][] = [[]]
  let bytes = 0
  for (const atom of atoms) {
    const size = bytesOf(atom)
    if (bytes > 0 && bytes + size > MOST_BYTES) {
      packed.push([])
      bytes = 0
    }
    packed.at(-1)!.push(atom)
    bytes += size
  }
  return packed
}

function pieceOf(atoms: readonly Atom[], index: number): Piece {
  const parts: Part[] = []
  // What begins a piece goes on with the text that the piece before it has ended with.
  const first = atoms[0]
  if (index > 0 && first?.kind === 'text' && !first.goesOn) parts.push({ type: 'text', text: '' })
  const reasoning = atoms.flatMap((atom) => (atom.kind === 'reasoning' ? [atom.text] : [])).join('')
  for (const atom of atoms) {
    if (atom.kind === 'part') parts.push(atom.part)
    if (atom.kind !== 'text') continue
    const last = parts.at(-1)
    if (atom.goesOn && last?.type === 'text') parts[parts.length - 1] = { type: 'text', text: last.text + atom.text }
    else parts.push({ type: 'text', text: atom.text })
  }
  const calls = atoms.flatMap((atom) => (atom.kind === 'call' ? [atom.call] : []))
  const results = atoms.flatMap((atom) => (atom.kind === 'result' ? [atom.result] : []))
  return {
    parts,
    ...(reasoning !== '' && { reasoning }),
    ...(calls.length > 0 && { tool_calls: calls }),
    ...(results.length > 0 && { tool_results: results }),
  }
}

const utf8 = new TextEncoder()

function bytesOf(value: unknown): number {
  return utf8.encode(JSON.stringify(value)).length
}
