import { draft, newId, splitHalf } from '@spool/events'
import { NaturalBatch } from '@spool/log'
import { ProviderError } from '../providers/provider-error.ts'
import type { Chunk } from '../providers/provider.ts'
import { type Pen, restAfter } from './message-writer.ts'

export type Delta = Extract<Chunk, { type: 'text' | 'reasoning' | 'tool-input' }>

/** Past this the provider is not read on. With the largest piece that a provider may send on top it stays below 1 MiB. */
const ENOUGH_BYTES = 512 * 1024
export const MAX_PIECE_CHARACTERS = 256 * 1024
/** Escaped in JSON a character has up to six bytes; an event takes 256 KiB. */
const MAX_DELTA_CHARACTERS = 32 * 1024

/**
 * Turns what a provider says into delta events, in order: each chunk at once while the bus keeps up, merged with its
 * neighbours of the same kind while it does not, the more the longer appends take. A character cut in half waits for its
 * other half.
 */
export class DeltaStream {
  private readonly batch: NaturalBatch<Delta>
  private half: { type: 'text' | 'reasoning'; text: string } | null = null
  private readonly callIds = new Map<string, string>()
  private heldBytes = 0
  private room: PromiseWithResolvers<void> | null = null

  constructor(
    private readonly writer: Pick<Pen, 'append' | 'message'>,
    private readonly run: string,
  ) {
    this.batch = new NaturalBatch<Delta>((deltas) => this.write(deltas), bytesOf, MAX_DELTA_CHARACTERS, restAfter)
  }

  /** Bytes in memory that are not in the log yet, also those that are on their way there. */
  get held(): number {
    return this.heldBytes
  }

  /** `undefined`, or what to wait for before the provider is read on. */
  push(delta: Delta): Promise<void> | undefined {
    if (delta.text.length > MAX_PIECE_CHARACTERS) throw tooLarge()
    if (delta.type === 'tool-input') return this.hold(delta)
    const kept = this.half?.type === delta.type ? this.half.text : this.flushHalf()
    const { whole, held } = splitHalf(kept + delta.text)
    this.half = held === '' ? null : { type: delta.type, text: held }
    return whole === '' ? undefined : this.hold({ type: delta.type, text: whole })
  }

  /** The provider is through. Where an answer breaks off instead, a half is left to the attempt that goes on from there. */
  ended(): void {
    this.flushHalf()
  }

  /** Everything pushed is in the log, or the writer has lost the message. */
  flushed(): Promise<void> {
    return this.batch.flushed()
  }

  /** Our own id for a provider's call: theirs may be anything, and the same twice in a session. */
  callId(providers: string): string {
    const known = this.callIds.get(providers) ?? newId()
    this.callIds.set(providers, known)
    return known
  }

  /** A half that is not followed by its other half is text of its own. */
  private flushHalf(): string {
    const rest = this.half
    this.half = null
    if (rest !== null) void this.hold(rest)
    return ''
  }

  private hold(delta: Delta): Promise<void> | undefined {
    this.heldBytes += bytesOf(delta)
    void this.batch.push(delta)
    if (this.heldBytes < ENOUGH_BYTES) return undefined
    this.room ??= Promise.withResolvers<void>()
    return this.room.promise
  }

  private async write(deltas: readonly Delta[]): Promise<void> {
    try {
      for (const delta of merged(deltas)) if (!(await this.writer.append(this.eventOf(delta)))) break
      for (const delta of deltas) this.heldBytes -= bytesOf(delta)
    } catch (error) {
      // The batch lets go of everything, and says so at the next push.
      this.heldBytes = 0
      throw error
    } finally {
      this.makeRoom()
    }
  }

  private makeRoom(): void {
    if (this.heldBytes >= ENOUGH_BYTES) return
    this.room?.resolve()
    this.room = null
  }

  private eventOf(delta: Delta) {
    const { run } = this
    const { id: message, sequences } = this.writer.message
    switch (delta.type) {
      case 'text':
        return draft('text.delta', { run, message, sequence: sequences.text + 1, text: delta.text })
      case 'reasoning':
        return draft('reasoning.delta', { run, message, sequence: sequences.reasoning + 1, text: delta.text })
      case 'tool-input':
        return draft('tool.input.delta', {
          run,
          message,
          call: this.callId(delta.call),
          name: delta.name,
          text: delta.text,
        })
    }
  }
}

export const tooLarge = () =>
  new ProviderError('provider_broken', `The provider sent more than ${MAX_PIECE_CHARACTERS} characters in one piece.`)

function bytesOf(delta: Delta): number {
  return delta.text.length * 2
}

function* merged(deltas: readonly Delta[]): Generator<Delta> {
  let last = null as Delta | null
  for (const delta of deltas) {
    if (last !== null && joins(last, delta)) last = { ...last, text: last.text + delta.text }
    else {
      if (last !== null) yield* pieces(last)
      last = delta
    }
  }
  if (last !== null) yield* pieces(last)
}

function joins(one: Delta, next: Delta): boolean {
  if (one.type !== next.type || one.text.length + next.text.length > MAX_DELTA_CHARACTERS) return false
  return one.type !== 'tool-input' || one.call === (next as typeof one).call
}

/** A provider's single chunk may be larger than an event. Never cut between the halves of a character. */
function* pieces(delta: Delta): Generator<Delta> {
  let rest = delta.text
  while (rest.length > MAX_DELTA_CHARACTERS) {
    const { whole, held } = splitHalf(rest.slice(0, MAX_DELTA_CHARACTERS))
    yield { ...delta, text: whole }
    rest = held + rest.slice(MAX_DELTA_CHARACTERS)
  }
  yield { ...delta, text: rest }
}
