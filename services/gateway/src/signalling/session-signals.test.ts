import { draft, emptySession, type EventFields, type EventType, fold, type SessionState } from '@spool/events'
import { describe, expect, test } from 'vitest'
import { SessionSignals } from './session-signals.ts'

const at = new Date('2026-11-20T09:50:00.000Z')

/** A session, and somebody who has been told of all that had happened before. */
class Session {
  state: SessionState = emptySession()
  signals = new SessionSignals(this.state)

  say<Type extends EventType>(type: Type, fields: EventFields<Type>): this {
    const event = draft(type, fields, at)
    this.state = fold(this.state, { seq: this.state.seq + 1, event })
    this.signals.take(event)
    return this
  }

  ask(message: string, purpose: 'answer' | 'title' = 'answer'): this {
    return this.say('message.requested', { run: 'r', message, purpose, model: 'm' })
  }

  start(message: string, purpose: 'answer' | 'title' = 'answer'): this {
    const model = { provider: 'p', model: 'm' }
    return this.say('message.started', { run: 'r', message, role: 'assistant', purpose, ...model }).say(
      'generation.started',
      { run: 'r', message, attempt: 1, worker: 'w', reason: 'first', kept: 0, ...model },
    )
  }

  write(message: string, ...sequences: number[]): this {
    for (const sequence of sequences) this.say('text.delta', { run: 'r', message, sequence, text: 'x' })
    return this
  }

  end(message: string, status: 'complete' | 'partial' = 'complete'): this {
    return this.say('message.completed', { run: 'r', message, status, reason: 'stop' })
  }
}

describe('signals', () => {
  test('say of each message once how far it has come', () => {
    const session = new Session()
      .say('run.started', { run: 'r', kind: 'agent' })
      .ask('m')
      .start('m')
      .write('m', 1, 2, 3)
    expect(session.signals.tell()).toEqual([{ message: 'm', sequence: 3, attempt: 1, status: 'streaming' }])
    expect(session.signals.tell()).toEqual([])
    session.end('m', 'partial')
    expect(session.signals.tell()).toEqual([{ message: 'm', sequence: 3, attempt: 1, status: 'partial' }])
    session.write('m', 4)
    expect(session.signals.hasUntold).toBe(false)
  })

  test('tell of what people and producers say, and of nothing that people are not shown', () => {
    const session = new Session()
      .say('message.added', { message: 'u', role: 'user', parts: [{ type: 'text', text: 'Hi' }] })
      .say('run.started', { run: 'r', kind: 'external' })
      .say('message.started', {
        run: 'r',
        message: 'x',
        role: 'assistant',
        purpose: 'answer',
        provider: 'e',
        model: 'm',
      })
      .ask('t', 'title')
      .start('t', 'title')
      .write('t', 1)
      .end('t')
    expect(session.signals.tell()).toEqual([
      { message: 'u', sequence: 1, attempt: 0, status: 'complete' },
      { message: 'x', sequence: 0, attempt: 0, status: 'streaming' },
    ])
  })

  test('say of an attempt that its number has grown', () => {
    const session = new Session().ask('m').start('m').write('m', 1)
    session.signals.tell()
    const anew = { attempt: 2, worker: 'w', provider: 'p', model: 'm', reason: 'failover', kept: 0 } as const
    session.say('generation.started', { run: 'r', message: 'm', ...anew })
    expect(session.signals.tell()).toEqual([{ message: 'm', sequence: 1, attempt: 2, status: 'streaming' }])
  })

  test('begin with what is open; for whoever comes back also with what has ended since', () => {
    const { state } = new Session()
      .say('message.added', { message: 'u', role: 'user', parts: [{ type: 'text', text: 'Hi' }] })
      .ask('one')
      .start('one')
      .write('one', 1)
      .end('one')
      .ask('two')
      .start('two')
      .write('two', 1, 2)
    const open = { message: 'two', sequence: 2, attempt: 1, status: 'streaming' }
    const ended = { message: 'one', sequence: 1, attempt: 1, status: 'complete' }
    expect(new SessionSignals(state).tell()).toEqual([open])
    expect(new SessionSignals(state, 3).tell()).toEqual([ended, open])
    expect(new SessionSignals(state, 99).tell()).toEqual([open])
    expect(new SessionSignals(state, 0).tell()[0]).toEqual({
      message: 'u',
      sequence: 1,
      attempt: 0,
      status: 'complete',
    })
    const later = new SessionSignals(state)
    later.tell()
    later.take(draft('text.delta', { run: 'r', message: 'two', sequence: 3, text: 'x' }, at))
    expect(later.tell()).toEqual([{ ...open, sequence: 3 }])
  })
})
