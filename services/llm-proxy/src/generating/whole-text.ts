import { type Delta, type DeltaStream, MAX_PIECE_CHARACTERS, tooLarge } from './delta-stream.ts'

/**
 * What a model says beside the runs: a title, a summary, a memory. Nobody reads along, and the session may be streaming
 * its next answer: so nothing goes into the log before it is whole, and of what the model thought nothing at all.
 */
export class WholeText {
  private text = ''

  constructor(private readonly deltas: DeltaStream) {}

  /** Never anything to wait for: what is held here has a bound of its own. */
  push({ type, text }: Delta): undefined {
    if (type !== 'text') return
    this.text += text
    if (this.text.length > MAX_PIECE_CHARACTERS) throw tooLarge()
  }

  ended(): void {
    void this.deltas.push({ type: 'text', text: this.text })
    this.deltas.ended()
  }

  flushed(): Promise<void> {
    return this.deltas.flushed()
  }

  callId(providers: string): string {
    return this.deltas.callId(providers)
  }
}
