import { type AgentSettings, AgentCatalogue, builtInAgents } from '@spool/config'
import {
  type MessageState,
  type SessionState,
  type SpoolEvent,
  type ToolCall,
  allows,
  draft,
  emptySession,
  encodeEvent,
  fold,
  isOpenCall,
  isOpenMessage,
  newId,
} from '@spool/events'
import type { ConfirmRequest, RunRequest } from '@spool/log'
import { decide } from '../../src/deciding/decide.ts'
import { forbids } from '../../src/deciding/forbids.ts'
import type { Circumstances, Decision, Memories, Models, Trigger } from '../../src/deciding/decision.ts'
import type { Tool } from '../../src/tools/tool.ts'
import { Toolbox } from '../../src/tools/toolbox.ts'

export const START = Date.parse('2026-01-01T00:00:00.000Z')

const MOST_IN_A_STEP = 200

/** A session played without a server: events get positions as they come. */
export class PlayedSession {
  state: SessionState = emptySession()
  readonly events: SpoolEvent[] = []
  readonly recalls: string[] = []
  nowMs = START
  /** What would be known of the user. */
  known: Memories = []
  /** What lies in blobs. */
  readonly stored = new Map<string, { context: unknown }>()
  /** Tokens that every model takes in; null: nobody knows. */
  windowTokens: number | null = null

  constructor(
    private readonly agents = new AgentCatalogue([...builtInAgents(600), ...AGENTS]),
    private readonly toolbox = new Toolbox([{ tools: () => TOOLS }]),
  ) {}

  get now(): Date {
    return new Date(this.nowMs)
  }

  get circumstances(): Circumstances {
    const { now, agents, toolbox, windowTokens } = this
    const models: Models = { knows: (model) => model !== 'gpt-99', windowOf: () => windowTokens }
    return { now, newId, tenant: 'acme', epoch: 1, agents, models, toolbox, recalled: new Map(), contexts: new Map() }
  }

  /** As an import does it, which asks nobody. */
  brought(event: SpoolEvent): void {
    this.events.push(event)
    this.state = fold(this.state, { seq: this.state.seq + 1, event })
  }

  append(event: SpoolEvent): void {
    const refusal = allows(this.state, event)
    if (refusal !== null) throw new Error(`${event.type} is not allowed: ${refusal}`)
    encodeEvent(event)
    this.events.push(event)
    this.state = fold(this.state, { seq: this.state.seq + 3, event })
  }

  /** What somebody else appends, who looks first whether it is still theirs to say. */
  private attempt(event: SpoolEvent): void {
    if (allows(this.state, event) === null) this.append(event)
  }

  /** One step, as the orchestrator takes it. Fails when it does not come to an end, or dies after so many appends. */
  step(trigger: Trigger, diesAfter = Infinity): Decision {
    const recalled = new Map<string, Memories>()
    const contexts = new Map<string, { context: unknown } | null>()
    for (let appended = 0; appended < MOST_IN_A_STEP; appended++) {
      const decision = decide(this.state, trigger, { ...this.circumstances, recalled, contexts })
      if (decision.kind === 'fetch') {
        contexts.set(decision.run, this.stored.get(decision.blob) ?? null)
        continue
      }
      if (decision.kind === 'recall') {
        this.recalls.push(decision.recall.text)
        recalled.set(decision.recall.run, this.known)
        continue
      }
      if (decision.kind !== 'append' || appended >= diesAfter) return decision
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

  confirm(action: ConfirmRequest['action'], more: Partial<ConfirmRequest> = {}): Decision {
    const confirmation = this.state.question?.id ?? 'none'
    const about = { request: newId(), confirmation, by: 'ada', via: 'http' }
    return this.step({ kind: 'confirm', request: { ...about, action, ...more } })
  }

  work(): Decision {
    return this.step({ kind: 'work' })
  }

  /** What a proxy would do for the message that is wanted from a model. */
  stream(text: string): void {
    const message = this.open()
    if (message === undefined) return
    const { id, run, purpose } = message
    if (message.status === 'requested') {
      const started = { run: run!, message: id, role: 'assistant' as const, purpose: purpose ?? 'answer' }
      this.attempt(draft('message.started', { ...started, provider: 'demo', model: 'demo' }, this.now))
      const generation = { attempt: 1, worker: 'w', provider: 'demo', model: 'demo', reason: 'first' as const, kept: 0 }
      this.attempt(draft('generation.started', { run: run!, message: id, ...generation }, this.now))
    }
    const sequence = this.open()!.sequences.text + 1
    if (text !== '' && this.open()!.status === 'streaming')
      this.attempt(draft('text.delta', { run: run!, message: id, sequence, text }, this.now))
  }

  close(status: 'complete' | 'partial', reason: string, toolCalls: readonly Omit<ToolCall, 'call'>[] = []): void {
    const message = this.open()
    if (message === undefined || message.status === 'requested') return
    const calls = toolCalls.map(({ name, input }) => ({ call: newId(), name, input }))
    const end = { run: message.run!, message: message.id, status, reason }
    this.attempt(draft('message.completed', { ...end, ...(calls.length > 0 && { tool_calls: calls }) }, this.now))
  }

  /** The model says this and ends its message with these calls; then the orchestrator takes its step. */
  answer(text: string, ...toolCalls: Omit<ToolCall, 'call'>[]): void {
    this.stream(text)
    this.close('complete', toolCalls.length > 0 ? 'tool_calls' : 'stop', toolCalls)
    this.work()
  }

  propose(...tasks: { description: string; tool?: string; input?: unknown }[]): void {
    this.answer('', { name: 'propose_plan', input: { tasks } })
  }

  /** What a worker would do for the open call that was asked for first. */
  beginTool(name?: string): void {
    const call = this.state.calls.find((one) => one.status === 'called' && (name === undefined || one.name === name))
    if (call !== undefined && forbids(this.state, call, this.circumstances) === null) {
      this.attempt(draft('tool.started', { run: call.run, call: call.id, attempt: 1, worker: 'w' }, this.now))
    }
  }

  endTool(output: unknown, name?: string): void {
    const call = this.state.calls.find((one) => one.status === 'started' && (name === undefined || one.name === name))
    if (call === undefined) return
    const end = { run: call.run, call: call.id, output, duration_ms: 1 }
    this.attempt(draft('tool.completed', end, this.now))
  }

  failTool(): void {
    const call = this.state.calls.find(isOpenCall)
    if (call === undefined) return
    const error = { code: 'tool_failed', message: 'It is out of order.' }
    this.attempt(draft('tool.failed', { run: call.run, call: call.id, error, outcome: 'failed' }, this.now))
  }

  /** Every call that was asked for is carried out; then the orchestrator takes its step. */
  workTools(output: unknown = 'done'): void {
    for (let calls = 0; this.state.calls.some(isOpenCall) && calls < MOST_IN_A_STEP; calls++) {
      this.beginTool()
      this.endTool(output)
      this.work()
    }
  }

  types(): string[] {
    return this.events.map((event) => event.type)
  }

  /** The message that a model is to write: the run's own before what is written beside the runs. */
  open(): MessageState | undefined {
    const open = this.state.messages.filter(isOpenMessage)
    return open.findLast(({ run }) => run === this.state.activeRun) ?? open.at(-1)
  }
}

export function request(run: string, at: Date, more: Partial<RunRequest>): RunRequest {
  const id = `${run}-message`
  const parts = [{ type: 'text' as const, text: `hello from ${run}` }]
  const base = { request: newId(), run, message: id, parts, at: at.toISOString() }
  return { ...base, when_busy: 'enqueue', on_disconnect: 'continue', ...more }
}

function tool(name: string, more: Partial<Tool> = {}): Tool {
  return {
    name,
    description: `Does ${name}.`,
    inputSchema: { type: 'object' },
    repeatable: true,
    timeoutMs: 1000,
    maxOutputBytes: 1000,
    asksFirst: false,
    problemOf: (input) => (typeof input === 'object' && input !== null && !('wrong' in input) ? null : 'Not so.'),
    run: async () => 'done',
    ...more,
  }
}

const TOOLS: readonly Tool[] = [
  tool('look'),
  tool('search'),
  tool('send', { repeatable: false }),
  tool('shell', { repeatable: false, asksFirst: true }),
]

const plain: AgentSettings = {
  ...builtInAgents(600)[0]!,
  tools: TOOLS.map(({ name }) => name),
}

const AGENTS: AgentSettings[] = [
  { ...plain, id: 'tools' },
  { ...plain, id: 'asks', confirmation: { mode: 'tools', tools: ['send'], timeoutSeconds: 300 } },
  { ...plain, id: 'plans', confirmation: { mode: 'plan', tools: [], timeoutSeconds: 300 } },
  { ...plain, id: 'remembers', memory: true },
  { ...plain, id: 'limited', limits: { steps: 3, toolCalls: 2, tokens: 1000, wallClockSeconds: 600 } },
  { ...plain, id: 'theirs', tenants: ['other'] },
]
