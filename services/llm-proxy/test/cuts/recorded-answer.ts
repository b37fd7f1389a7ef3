import { type Kind, kinds } from './recordings/recorded-answers.ts'
import type { Answer } from './route-in-process.ts'
import { type Said, type WireFormatName, recording, wholeAt, wireFormats } from './wire-formats.ts'
import type { Outcome } from './write-in-process.ts'

/** An answer as a server once sent it, and what has to be read from it. */
export class RecordedAnswer {
  readonly bytes: Buffer
  /** So many bytes have to be there for it to be whole. */
  readonly wholeAt: number
  readonly said: Said
  private readonly reasoning: string
  private readonly whole: string

  constructor(
    readonly format: WireFormatName,
    readonly kind: Kind,
  ) {
    this.bytes = recording(format, kind)
    this.wholeAt = wholeAt(format, this.bytes)
    const said: Said & { reasoning?: string } = kinds[kind]
    const { text, calls = [], reasoning = '' } = said
    this.said = said
    this.reasoning = reasoning
    this.whole = JSON.stringify({
      status: 'complete',
      reason: calls.length > 0 ? 'tool_calls' : 'stop',
      text,
      shown: text,
      calls,
      streamed: calls.map(({ name }) => name),
    })
  }

  /** Neither less of it is there than was said, nor more. */
  isWholeIn({ reasoning, kept, ...outcome }: Outcome, calls: number): boolean {
    // Thoughts stay with the text that they led to, and do not come a second time.
    const expected = calls === 1 || kept > 0 ? this.reasoning : ''
    return reasoning === expected && JSON.stringify(outcome) === this.whole
  }

  /** All of it once more, by a route that was told of no beginning. */
  anew(format: WireFormatName): Answer {
    return (request) => {
      const beginning = wireFormats[format].begun(request)
      if (beginning !== '') throw new Error(`It was sent ${JSON.stringify(beginning)}.`)
      return wireFormats[format].answer(this.said)
    }
  }

  /** What is missing after what a request hands on. White space at either end of that may have been cut off on its way. */
  rest(format: WireFormatName): Answer {
    const { text, calls } = this.said
    return (request) => {
      const beginning = wireFormats[format].begun(request)
      const at = text.indexOf(beginning)
      // A half of a character has no bytes of its own: a provider would refuse it, or make something else of it.
      if (text.slice(0, at).trim() !== '' || !beginning.isWellFormed()) {
        throw new Error(`It was sent ${JSON.stringify(beginning)}.`)
      }
      return wireFormats[format].answer({ text: text.slice(at + beginning.length), ...(calls && { calls }) })
    }
  }
}
