import type { LanguageModelV4StreamPart, SharedV4ProviderMetadata } from '@ai-sdk/provider'
import type { ReplayPart } from '@spool/events'

/** Together with the arguments of its calls, which lie in the same event; an event takes twice that. */
const maxReplayBytes = 128 * 1024

type Piece = ReplayPart & { data?: SharedV4ProviderMetadata }

/**
 * Keeps an answer in the pieces that its provider made, with what only that provider understands: signed thoughts, a
 * signature on a call. Some refuse the results of tools that come back without. Calls have the provider's own ids here.
 */
export class ReplayRecorder {
  readonly #pieces: Piece[] = []
  readonly #open = new Map<string, Extract<Piece, { text: string }>>()
  /** Roughly, so that no more is held than will be kept. */
  #characters = 0
  #inputBytes = 0
  #hasCalls = false
  #hasData = false

  read(part: LanguageModelV4StreamPart): void {
    if (this.#isTooLong) return
    switch (part.type) {
      case 'text-start':
      case 'reasoning-start': {
        const piece = { type: part.type === 'text-start' ? 'text' : 'reasoning', text: '' } as const
        this.#pieces.push(piece)
        this.#open.set(part.id, piece)
        return this.#keep(piece, part.providerMetadata)
      }
      case 'text-delta':
      case 'reasoning-delta':
      case 'text-end':
      case 'reasoning-end': {
        const piece = this.#open.get(part.id)
        if (!piece) return
        if ('delta' in part) {
          piece.text += part.delta
          this.#characters += part.delta.length
        }
        return this.#keep(piece, part.providerMetadata)
      }
      case 'tool-call': {
        const piece: Piece = { type: 'tool_call', call: part.toolCallId }
        this.#pieces.push(piece)
        this.#inputBytes += Buffer.byteLength(part.input)
        this.#hasCalls = true
        return this.#keep(piece, part.providerMetadata)
      }
      default:
        return
    }
  }

  /** Undefined where nothing has to go back, or too much would. */
  recorded(): ReplayPart[] | undefined {
    if (!this.#hasCalls || !this.#hasData || this.#isTooLong) return undefined
    const pieces = this.#pieces.filter((piece) => piece.type === 'tool_call' || piece.text !== '' || piece.data)
    return this.#inputBytes + Buffer.byteLength(JSON.stringify(pieces)) > maxReplayBytes ? undefined : pieces
  }

  get #isTooLong(): boolean {
    return this.#characters + this.#inputBytes > maxReplayBytes
  }

  #keep(piece: Piece, metadata: SharedV4ProviderMetadata | undefined): void {
    if (!metadata) return
    this.#hasData = true
    for (const [name, data] of Object.entries(metadata)) {
      this.#characters += JSON.stringify(data).length
      piece.data = { ...piece.data, [name]: { ...piece.data?.[name], ...data } }
    }
  }
}
