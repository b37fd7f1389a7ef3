import { loadModels } from '@spool/config'
import { type SessionState, type SpoolEvent, draft, emptySession, fold, newId } from '@spool/events'
import type { RunRequest } from '@spool/log'
import { builtInAgents } from '../../src/agents/agents.ts'
import { decide } from '../../src/deciding/decide.ts'
import type { Decision, Trigger } from '../../src/deciding/decision.ts'

const agents = builtInAgents({ models: loadModels({ SPOOL_CONFIG: 'none' }), wallClockSeconds: 600 })
export const START = Date.parse('2026-01-01T00:00:00.000Z')

/** A session played without a server: events get positions as they come. */
export class PlayedSession {
  state: SessionState = emptySession()
  readonly events: SpoolEvent[] = []
  nowMs = START

  get now(): Date {
    return new Date(this.nowMs)
  }

  append(event: SpoolEvent): void {
    this.events.push(event)
    this.state = fold(this.state, { seq: this.state.seq + 3, event })
  }

  /** One step, as the orchestrator takes it. Fails when it does not come to an end. */
  step(trigger: Trigger): Decision {
    for (let appended = 0; appended < 30; appended++) {
      const decision = decide(this.state, trigger, { now: this.now, newId, agents })
      if (decision.kind !== 'append') return decision
      this.append(decision.event)
    }
    throw new Error('a step that never comes to an end')
  }

  start(run: string, more: Partial<RunRequest> = {}, redelivered = false): Decision {
    return this.step({ kind: 'start', request: request(run, this.now, more), redelivered })
  }

  cancel(run: string): Decision {
    return this.step({ kind: 'cancel', request: { request: newId(), run, by: 'user', reason: 'user' } })
  }

  work(): Decision {
    return this.step({ kind: 'work' })
  }

  /** What a proxy would do for the message that is wanted from a model. */
  stream(text: string): void {
    const message = this.open()
    if (message === undefined) return
    const { id, run } = message
    if (message.status === 'requested') {
      const started = { run: run!, message: id, role: 'assistant' as const, purpose: 'answer' as const }
      this.append(draft('message.started', { ...started, provider: 'demo', model: 'demo' }, this.now))
      const generation = { attempt: 1, worker: 'w', provider: 'demo', model: 'demo', reason: 'first' as const, kept: 0 }
      this.append(draft('generation.started', { run: run!, message: id, ...generation }, this.now))
    }
    const sequence = this.open()!.sequences.text + 1
    this.append(draft('text.delta', { run: run!, message: id, sequence, text }, this.now))
  }

  close(status: 'complete' | 'partial', reason: string): void {
    const message = this.open()
    if (message === undefined || message.status === 'requested') return
    this.append(draft('message.completed', { run: message.run!, message: message.id, status, reason }, this.now))
  }

  types(): string[] {
    return this.events.map((event) => event.type)
  }

  private open() {
    return this.state.messages.findLast((one) => one.status === 'requested' || one.status === 'streaming')
  }
}

export function request(run: string, at: Date, more: Partial<RunRequest>): RunRequest {
  const id = `${run}-message`
  const parts = [{ type: 'text' as const, text: `hello from ${run}` }]
  const base = { request: newId(), run, message: id, parts, at: at.toISOString() }
  return { ...base, when_busy: 'enqueue', on_disconnect: 'continue', ...more }
}
