import {
  type CallState,
  type EventFields,
  type EventType,
  type SessionState,
  allows,
  callOf,
  draft,
  emptySession,
  encodeEvent,
  newId,
} from '@spool/events'
import { type SessionRef, ChainWriter, announce, announceDone, foldStored, publishJob } from '@spool/log'
import { type Deployment, eventually } from './deployment.ts'

/** For a takeover on a machine that has other things to do. */
const PATIENCE_MS = 45_000

/** A session whose model has called tools, as an orchestrator leaves it before anybody runs them. */
export class ToolSession {
  readonly ref: SessionRef
  readonly run = newId()
  private readonly writer: ChainWriter

  private constructor(
    private readonly spool: Deployment,
    name: string,
  ) {
    this.ref = { tenant: 'test', session: `${name}-${newId()}` }
    this.writer = new ChainWriter(spool.log, this.ref, 0)
  }

  static async begin(
    spool: Deployment,
    name = 'session',
    agent = 'demo',
    terms: Pick<EventFields<'run.started'>, 'confirmation'> = {},
  ): Promise<ToolSession> {
    const session = new ToolSession(spool, name)
    const { run } = session
    const [input, message] = [newId(), newId()]
    const by = { provider: 'demo', model: 'demo' }
    await session.say('run.started', { run, kind: 'agent', agent, input, language: 'en', ...terms })
    await session.say('message.added', { run, message: input, role: 'user', parts: [{ type: 'text', text: 'Do it.' }] })
    await session.say('message.requested', { run, message, purpose: 'answer', model: 'demo' })
    await session.say('message.started', { run, message, role: 'assistant', purpose: 'answer', ...by })
    const attempt = { attempt: 1, worker: 'proxy', reason: 'first', kept: 0 } as const
    await session.say('generation.started', { run, message, ...attempt, ...by })
    await session.say('message.completed', { run, message, status: 'complete', reason: 'tool_calls' })
    return session
  }

  /** As the orchestrator calls a tool; resolves with the call's id once the job is there. */
  async call(name: string, input: unknown = {}, repeatable = true): Promise<string> {
    const call = await this.called(name, input, repeatable)
    await this.publish(call)
    return call
  }

  /** Without the job. */
  async called(name: string, input: unknown = {}, repeatable = true): Promise<string> {
    const call = newId()
    await this.say('tool.called', { run: this.run, call, name, input, repeatable })
    return call
  }

  publish(call: string): Promise<void> {
    return publishJob(this.spool.log, this.ref, { kind: 'tool', key: call })
  }

  /** Announced, as an orchestrator does it; resolves with when it was stored. */
  async cancel(isAnnounced = true): Promise<number> {
    if (isAnnounced) announce(this.spool.log, this.ref, 'cancel')
    await this.say('run.cancel_requested', { run: this.run, by: 'user', reason: 'user' })
    if (isAnnounced) announceDone(this.spool.log, this.ref)
    return performance.now()
  }

  /** Appends behind whatever others have appended. */
  async say<Type extends EventType>(type: Type, fields: EventFields<Type>): Promise<void> {
    const event = draft(type, fields)
    for (;;) {
      const { outcome } = await this.writer.append({ id: newId(), type, body: encodeEvent(event as never) })
      if (outcome === 'stored') return
    }
  }

  async state(): Promise<SessionState> {
    return (await this.spool.chain(this.ref)).reduce(foldStored, emptySession())
  }

  async stateOf(call: string): Promise<CallState> {
    return callOf(await this.state(), call)!
  }

  /** The call once it has ended. */
  async ended(call: string): Promise<CallState> {
    await eventually(async () => (await this.stateOf(call)).endedAt !== null, `the end of ${call}`, PATIENCE_MS)
    return this.stateOf(call)
  }

  /** The types of the events that tell of the call, apart from its progress. */
  async eventsOf(call: string): Promise<string[]> {
    const events = (await this.spool.chain(this.ref)).map((stored) => stored.event()!)
    return events
      .filter((event) => 'call' in event && event.call === call && event.type !== 'tool.progress')
      .map(({ type }) => type)
  }

  /** What in the chain should not be there. */
  async faults(): Promise<string[]> {
    const faults: string[] = []
    let state = emptySession()
    for (const stored of await this.spool.chain(this.ref)) {
      const refusal = allows(state, stored.event()!)
      if (refusal !== null) faults.push(`${stored.type} at ${stored.seq}: ${refusal}`)
      if (stored.prev !== state.seq) faults.push(`${stored.seq} does not follow ${state.seq}`)
      state = foldStored(state, stored)
    }
    return faults
  }

  /** The kinds of the jobs that lie in the queue for the session. */
  async jobs(): Promise<string[]> {
    const filter = `work.*.*.${this.ref.tenant}.${this.ref.session}.*`
    const { state } = await this.spool.bus.jsm.streams.info('WORK', { subjects_filter: filter })
    return Object.keys(state.subjects ?? {}).map((subject) => subject.split('.')[1]!)
  }

  /** Until the run can go on: everything else of the session is through. */
  async untilRunGoesOn(): Promise<void> {
    await eventually(async () => (await this.jobs()).join() === 'run', 'the run goes on', PATIENCE_MS)
  }
}
