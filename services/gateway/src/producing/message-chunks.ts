import { codePoints, type SpoolEvent } from '@spool/events'

export interface Chunk {
  readonly sequence: number
  readonly text: string
  readonly at: string
  /** Since the chunk before it; `null` for the first of what stands. */
  readonly interval_ms: number | null
}

export interface ChunkPage {
  chunks: readonly Chunk[]
  /** The last one that there is, whether it is on this page or not. */
  current_sequence: number
  attempt: number
  finished: boolean
  /** Pull again, after the last of this page. */
  more: boolean
}

/** A message as it is pulled: the chunks of what stands now. Taken event by event; what concerns others is left aside. */
export class MessageChunks {
  private chunks: Chunk[] = []
  private current = 0
  private attempt = 0
  private isFinished = false
  /** About so much memory, in UTF-16 units. */
  size = 0

  constructor(private readonly message: string) {}

  get finished(): boolean {
    return this.isFinished
  }

  take(event: SpoolEvent): void {
    if (this.isFinished || !('message' in event) || event.message !== this.message) return
    switch (event.type) {
      case 'text.delta':
        this.append(event.sequence, event.text, event.at)
        break
      case 'generation.started':
        this.attempt = event.attempt
        this.keep(event.kept)
        break
      case 'message.completed':
        this.isFinished = true
        break
      // Said by a person, or taken over as a whole; a long one comes in several pieces.
      case 'message.added': {
        const text = event.parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
        if (text !== '') this.append(this.current + 1, text, event.at)
        this.isFinished = event.continued !== true
      }
    }
  }

  /** Those behind `after`, as many as fit: at least one, where there is any. */
  after(sequence: number, maxUnits: number): ChunkPage {
    const chunks: Chunk[] = []
    let left = maxUnits
    let index = this.firstBehind(sequence)
    for (; index < this.chunks.length; index++) {
      const chunk = this.chunks[index]!
      if (chunks.length > 0 && chunk.text.length > left) break
      left -= chunk.text.length + PER_CHUNK
      chunks.push(chunk)
    }
    const { current, attempt, isFinished } = this
    const more = index < this.chunks.length
    return { chunks, current_sequence: current, attempt, finished: isFinished, more }
  }

  private append(sequence: number, text: string, at: string): void {
    const before = this.chunks.at(-1)
    const interval_ms = before === undefined ? null : Math.max(0, Date.parse(at) - Date.parse(before.at))
    this.chunks.push({ sequence, text, at, interval_ms })
    this.current = sequence
    this.size += text.length + PER_CHUNK
  }

  /** A new attempt keeps all or nothing; where a writer broke that rule, so many code points. */
  private keep(kept: number): void {
    let left = kept
    let index = 0
    for (; index < this.chunks.length && left > 0; index++) {
      const chunk = this.chunks[index]!
      const points = codePoints(chunk.text)
      if (points > left) this.chunks[index] = { ...chunk, text: [...chunk.text].slice(0, left).join('') }
      left -= points
    }
    this.chunks.length = Math.min(index, this.chunks.length)
  }

  /** Sequences only grow. */
  private firstBehind(sequence: number): number {
    let low = 0
    let high = this.chunks.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.chunks[middle]!.sequence <= sequence) low = middle + 1
      else high = middle
    }
    return low
  }
}

const PER_CHUNK = 100
