import { isOpenMessage, type MessageState, type SessionState, type SpoolEvent } from '@spool/events'

/** How far a message has come. What it says is pulled. */
export interface Signal {
  readonly message: string
  /** Of its last chunk. */
  readonly sequence: number
  readonly attempt: number
  readonly status: MessageState['status']
}

/**
 * How far the messages of a session have come, event by event, and which of them somebody has not been told of. Only
 * what people are shown: a title or a memory is nobody's message.
 */
export class SessionSignals {
  private readonly open = new Map<string, Signal>()
  private readonly untold = new Map<string, Signal>()

  /** `toldUpTo`: a position; of what was closed by then nothing is told, of what is open its state is told anyway. */
  constructor(state: SessionState, toldUpTo = Infinity) {
    for (const message of state.messages) {
      if (message.purpose !== 'answer' && message.purpose !== null) continue
      const signal = signalOf(message)
      if (isOpenMessage(message)) this.change(signal)
      else if (message.lastSeq > toldUpTo) this.untold.set(signal.message, signal)
    }
  }

  /** Whether there is something to tell. */
  take(event: SpoolEvent): boolean {
    const next = this.after(event)
    if (next !== null) this.change(next)
    return next !== null
  }

  /** Each message at most once, as it is now. */
  tell(): Signal[] {
    const signals = [...this.untold.values()]
    this.untold.clear()
    return signals
  }

  get hasUntold(): boolean {
    return this.untold.size > 0
  }

  /** `null`: it says nothing here. */
  private after(event: SpoolEvent): Signal | null {
    if (!('message' in event) || typeof event.message !== 'string') return null
    const { message } = event
    const known = this.open.get(message)
    switch (event.type) {
      case 'message.requested':
        return event.purpose === 'answer' ? { message, sequence: 0, attempt: 0, status: 'requested' } : null
      case 'message.started':
        if (event.purpose !== 'answer') return null
        return { message, sequence: 0, attempt: 0, ...known, status: 'streaming' }
      case 'message.added': {
        const hasText = event.parts.some((part) => part.type === 'text' && part.text !== '')
        const sequence = (known?.sequence ?? 0) + (hasText ? 1 : 0)
        const status = event.continued === true ? 'streaming' : (event.status ?? 'complete')
        return { message, sequence, attempt: 0, status }
      }
      case 'generation.started':
        return known === undefined ? null : { ...known, attempt: event.attempt }
      case 'text.delta':
        return known === undefined ? null : { ...known, sequence: event.sequence }
      case 'message.completed':
        return known === undefined ? null : { ...known, status: event.status }
      default:
        return null
    }
  }

  private change(signal: Signal): void {
    const isOpen = signal.status === 'requested' || signal.status === 'streaming'
    if (isOpen) this.open.set(signal.message, signal)
    else this.open.delete(signal.message)
    this.untold.set(signal.message, signal)
  }
}

function signalOf({ id: message, purpose, sequences, text, attempt, status }: MessageState): Signal {
  // What was not streamed is one chunk.
  const sequence = purpose === null && text !== '' ? Math.max(1, sequences.text) : sequences.text
  return { message, sequence, attempt, status }
}
