import { draft, encodeEvent, type EventFields, type EventType, newId } from '@spool/events'
import {
  answer,
  type CancelRequest,
  ChainWriter,
  type ConfirmRequest,
  type Delivery,
  DONE,
  type Log,
  QueueConsumer,
  type Reply,
  REPLY_HEADER,
  type RunRequest,
  type SessionRef,
  type Settlement,
  type Worker,
} from '@spool/log'

export type Answer = (request: RunRequest) => Iterable<string> | AsyncIterable<string>

const NO_USAGE = { input_tokens: 0, output_tokens: 0 }

/** A job that fails is given out again; the test sees what comes of it. */
const onError = () => undefined

/** Plays the orchestrator and the proxy: takes requests, writes what they would write, replies. */
export class ScriptedOrchestrator {
  /** The tokens of an answer. */
  answers: Answer = () => ['Hello', ', ', 'world', '!']
  /** Looks at a request first; what it returns is the reply, and nothing is written. */
  refuse: (request: RunRequest) => Extract<Reply, { ok: false }> | null = () => null
  /** Whether it replies at all. */
  silent = false
  /** Whether a repeated request is told where the session stands now, and not when it was taken up. */
  standing = false
  readonly taken: { request: RunRequest; header: (name: string) => string | undefined }[] = []
  readonly cancels: CancelRequest[] = []
  readonly confirms: ConfirmRequest[] = []
  /** What becomes of a person's answer; `null`: nothing is said. */
  confirm: (request: ConfirmRequest, ref: SessionRef) => Promise<Reply | null> = async () => null
  /** What a run does after its answer, in place of ending. */
  afterwards: ((ref: SessionRef, run: string) => Promise<void>) | null = null
  /** What runs carry beside what was asked for. */
  terms: Partial<EventFields<'run.started'>> = {}
  private consumers: QueueConsumer[] = []
  private readonly known = new Map<string, { hash: string | undefined; reply: Extract<Reply, { ok: true }> }>()

  constructor(
    private readonly log: Log,
    private readonly worker: Worker,
  ) {}

  async start(): Promise<void> {
    const { bus } = this.log
    this.consumers = [
      new QueueConsumer(bus, this.worker, { queue: 'intake', slots: 64, onError }, (job) => this.take(job)),
      new QueueConsumer(bus, this.worker, { queue: 'control', slots: 64, onError }, (job) => this.control(job)),
    ]
    await Promise.all(this.consumers.map((consumer) => consumer.start()))
  }

  /** Takes nothing more until it is started again. */
  async stop(): Promise<void> {
    await Promise.all(this.consumers.map((consumer) => consumer.stop()))
  }

  /** Appends behind whatever is last. */
  async append<Type extends EventType>(ref: SessionRef, type: Type, fields: EventFields<Type>): Promise<number> {
    const writer = new ChainWriter(this.log, ref, await this.log.lastPosition(ref))
    const stored = await writer.append({ id: newId(), type, body: encodeEvent(draft(type, fields)) })
    if (stored.outcome !== 'stored') throw new Error(`${type} was overtaken`)
    return stored.seq
  }

  async appendRaw(ref: SessionRef, type: string, body: string): Promise<number> {
    const writer = new ChainWriter(this.log, ref, await this.log.lastPosition(ref))
    const stored = await writer.append({ id: newId(), type, body: new TextEncoder().encode(body) })
    if (stored.outcome !== 'stored') throw new Error(`${type} was overtaken`)
    return stored.seq
  }

  private async take(job: Delivery): Promise<Settlement> {
    const request = JSON.parse(job.text) as RunRequest
    this.taken.push({ request, header: (name) => job.header(name) })
    const reply = (what: Reply) => {
      if (!this.silent) answer(this.log.bus, job.header(REPLY_HEADER), what)
    }
    const refused = this.refuse(request) ?? this.refuseOtherBody(request)
    if (refused !== null) {
      reply(refused)
      return DONE
    }
    const repeated = this.known.get(request.run)
    if (repeated !== undefined) {
      reply(this.standing ? { ...repeated.reply, seq: await this.log.lastPosition(job.ref) } : repeated.reply)
      return DONE
    }
    await this.run(job.ref, request, reply)
    return DONE
  }

  private refuseOtherBody(request: RunRequest): Extract<Reply, { ok: false }> | null {
    const known = this.known.get(request.run)
    if (known === undefined || known.hash === request.body_hash) return null
    return { ok: false, status: 422, code: 'idempotency_key_reused', message: 'The key was used with another body.' }
  }

  private async run(ref: SessionRef, request: RunRequest, reply: (what: Reply) => void): Promise<void> {
    const { run } = request
    const { log } = this
    const writer = new ChainWriter(log, ref, await log.lastPosition(ref))
    const put = async <Type extends EventType>(type: Type, fields: EventFields<Type>): Promise<boolean> => {
      const appended = await writer.append({ id: newId(), type, body: encodeEvent(draft(type, fields)) })
      return appended.outcome === 'stored'
    }
    const message = newId()
    const { on_disconnect, key, body_hash } = request
    await put('run.started', {
      run,
      kind: 'agent',
      on_disconnect,
      key,
      body_hash,
      input: request.message,
      ...this.terms,
    })
    const first = writer.position
    await put('message.added', { run, message: request.message, role: 'user', parts: request.parts })
    await put('message.requested', { run, message, purpose: 'answer', model: 'script' })
    const epoch = log.epochOf(ref)
    const accepted = { ok: true, run, seq: writer.position, epoch, first, status: 'active' } as const
    this.known.set(run, { hash: body_hash, reply: accepted })
    reply(accepted)
    const model = { provider: 'script', model: 'script' }
    await put('message.started', { run, message, role: 'assistant', purpose: 'answer', ...model })
    await put('generation.started', { run, message, attempt: 1, worker: 'w', reason: 'first', kept: 0, ...model })
    let sequence = 0
    for await (const text of this.answers(request)) {
      if (!(await put('text.delta', { run, message, sequence: ++sequence, text }))) return
    }
    const completed = await put('message.completed', { run, message, status: 'complete', reason: 'stop' })
    if (completed && this.afterwards !== null) await this.afterwards(ref, run)
    else if (completed) await put('run.completed', { run, status: 'done', usage: NO_USAGE, steps: 1, duration_ms: 1 })
  }

  private async control(job: Delivery): Promise<Settlement> {
    if (job.tail[0] === 'cancel') return this.cancel(job)
    if (job.tail[0] === 'fork') {
      const message = 'This script copies nothing.'
      answer(this.log.bus, job.header(REPLY_HEADER), { ok: false, status: 404, code: 'session_not_found', message })
      return DONE
    }
    const request = JSON.parse(job.text) as ConfirmRequest
    this.confirms.push(request)
    const reply = await this.confirm(request, job.ref)
    if (reply !== null) answer(this.log.bus, job.header(REPLY_HEADER), reply)
    return DONE
  }

  private async cancel(job: Delivery): Promise<Settlement> {
    const request = JSON.parse(job.text) as CancelRequest
    this.cancels.push(request)
    const { run } = request
    if (!this.known.has(run)) {
      const message = `There is no run ${run} in this session.`
      answer(this.log.bus, job.header(REPLY_HEADER), { ok: false, status: 404, code: 'unknown_run', message })
      return DONE
    }
    const first = await this.append(job.ref, 'run.cancel_requested', { run, by: request.by, reason: request.reason })
    const seq = await this.append(job.ref, 'run.cancelled', { run, by: request.by, reason: request.reason })
    const epoch = this.log.epochOf(job.ref)
    answer(this.log.bus, job.header(REPLY_HEADER), { ok: true, run, seq, epoch, first, status: 'cancelled' })
    return DONE
  }
}
