import {
  type MessageState,
  type SessionState,
  type SpoolEvent,
  allows,
  draft,
  emptySession,
  fold,
  messageOf,
} from '@spool/events'
import type { Pen } from '../../src/generating/message-writer.ts'

const run = 'run'
const message = 'answer'

/**
 * Writes an answer into a session that only this process knows, for tests that write tens of thousands of them. It
 * refuses what a writer may not append.
 */
export class PenInMemory implements Pen {
  readonly run = run
  readonly ref = { tenant: 'test', session: 'in-memory' }
  readonly standing = 'mine'
  readonly canReachLog = true
  readonly signal = new AbortController().signal
  readonly events: SpoolEvent[] = []
  private current: SessionState

  constructor(model = 'default') {
    this.current = requested(model)
  }

  get state(): SessionState {
    return this.current
  }

  get message(): MessageState {
    return messageOf(this.current, message)!
  }

  async append(event: SpoolEvent): Promise<boolean> {
    const refusal = allows(this.current, event)
    if (refusal !== null) throw new Error(`${event.type} may not be appended: ${refusal}`)
    this.current = fold(this.current, { seq: this.current.seq + 1, event })
    this.events.push(event)
    return true
  }
}

function requested(model: string): SessionState {
  const input = 'question'
  const events: readonly SpoolEvent[] = [
    draft('run.started', { run, kind: 'agent', agent: 'demo', model, input }),
    draft('message.added', { run, message: input, role: 'user', parts: [{ type: 'text', text: 'Tell me.' }] }),
    draft('message.requested', { run, message, purpose: 'answer', model }),
  ]
  return events.reduce((state, event) => fold(state, { seq: state.seq + 1, event }), emptySession())
}
