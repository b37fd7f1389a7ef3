import { draft, encodeEvent, type EventFields, type EventType, newId, type SpoolEvent } from '@spool/events'
import { ChainWriter, type Log, type SessionRef } from '@spool/log'

/** Writes what the other services would: a session, event by event. */
export class Conversation {
  readonly ref: SessionRef
  readonly writer: ChainWriter

  constructor(log: Log, session = newId(), tenant = 'acme') {
    this.ref = { tenant, session }
    this.writer = new ChainWriter(log, this.ref, 0)
  }

  get seq(): number {
    return this.writer.position
  }

  say<Type extends EventType>(type: Type, fields: EventFields<Type>, trace?: string): Promise<number> {
    return this.append(type, encodeEvent(draft(type, fields) as SpoolEvent), trace)
  }

  /** Any bytes, also such as none of our writers would append. */
  async append(type: string, body: Uint8Array, trace?: string): Promise<number> {
    const appended = await this.writer.append({ id: newId(), type, body, trace })
    if (appended.outcome !== 'stored') throw new Error('Somebody else has written into this session')
    return appended.seq
  }

  /** A run up to the point where its answer streams. */
  async begin(
    text = 'Hello',
    more: Partial<EventFields<'run.started'>> = {},
  ): Promise<{ run: string; message: string }> {
    const run = newId()
    const input = newId()
    const message = newId()
    await this.say('run.started', { run, kind: 'agent', agent: 'default', model: 'demo', input, ...more })
    await this.say('message.added', { run, message: input, role: 'user', parts: [{ type: 'text', text }] })
    await this.say('message.requested', { run, message, purpose: 'answer', model: 'demo' })
    await this.say('message.started', {
      run,
      message,
      role: 'assistant',
      purpose: 'answer',
      provider: 'demo',
      model: 'demo',
    })
    await this.say('generation.started', {
      run,
      message,
      attempt: 1,
      worker: 'test',
      provider: 'demo',
      model: 'demo',
      reason: 'first',
      kept: 0,
    })
    return { run, message }
  }

  delta(run: string, message: string, sequence: number, text: string): Promise<number> {
    return this.say('text.delta', { run, message, sequence, text })
  }

  async finish(run: string, message: string, tokens: number): Promise<void> {
    const usage = { input_tokens: 1, output_tokens: tokens, cached_tokens: 0, reasoning_tokens: 0 }
    await this.say('message.completed', { run, message, status: 'complete', reason: 'stop', usage })
    await this.say('run.completed', { run, status: 'done', usage, steps: 1, duration_ms: 5 })
  }

  /** A whole run with an answer of that many tokens. */
  async answer(tokens: number, text = 'Hello'): Promise<{ run: string; message: string }> {
    const ids = await this.begin(text)
    for (let n = 1; n <= tokens; n++) await this.delta(ids.run, ids.message, n, `word${n} `)
    await this.finish(ids.run, ids.message, tokens)
    return ids
  }
}
