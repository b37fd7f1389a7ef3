import { draft, type SessionState } from '@spool/events'
import { Problem } from '../problems/problem.ts'
import { append, answer, type Decision, refuse } from './decision.ts'
import { closedBy, producedMessage } from './produced-message.ts'

/** In UTF-16 units. Whoever folds the session holds all of it, and who pulls from it each of its chunks. */
const MAX_TEXT = 4 * 1024 ** 2
const MAX_CHUNKS = 200_000

export interface Chunk {
  readonly message: string
  readonly text: string
  readonly sequence?: number | undefined
  /** What the log holds under that sequence, once it was looked up. */
  readonly stored?: string | undefined
}

export type Taken =
  | { readonly run: string; readonly sequence: number }
  /** It was appended before: whether it is the same has to be looked up among the message's events. */
  | { readonly lookUp: { readonly sequence: number; readonly first: number; readonly last: number } }

export function decideChunk(state: SessionState, chunk: Chunk, now: Date): Decision<Taken> {
  const found = producedMessage(state, chunk.message)
  if (found instanceof Problem) return refuse(found)
  const { message, run } = found
  const next = message.sequences.text + 1
  const { sequence = next, text, stored } = chunk
  if (sequence < next) {
    const taken = { run: run.id, sequence }
    if (stored === undefined) return answer({ lookUp: { sequence, first: message.firstSeq, last: message.lastSeq } })
    return stored === text ? answer(taken) : refuse(otherText(sequence, next))
  }
  const closed = closedBy(found)
  if (closed !== null) return refuse(closed)
  if (sequence > next) return refuse(gap(sequence, next))
  if (message.text.length + text.length > MAX_TEXT || sequence > MAX_CHUNKS) return refuse(TOO_LONG)
  const delta = draft('text.delta', { run: run.id, message: message.id, sequence, text }, now)
  return append(delta, { run: run.id, sequence })
}

const otherText = (sequence: number, expected: number) =>
  new Problem(409, 'chunk_conflict', `Chunk ${sequence} is there with another text. The next one is ${expected}.`, {
    members: { expected },
  })

const gap = (sequence: number, expected: number) =>
  new Problem(409, 'chunk_conflict', `Chunk ${sequence} would leave a gap. The next one is ${expected}.`, {
    members: { expected },
  })

const TOO_LONG = new Problem(
  413,
  'message_too_large',
  'A message holds up to 4 Mi characters in up to 200,000 chunks, and this one would be more. Finalize it; what it holds is kept.',
)
