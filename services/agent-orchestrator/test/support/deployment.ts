import { setTimeout as sleep } from 'node:timers/promises'
import { allows, emptySession, isOpenMessage, newId } from '@spool/events'
import {
  ArchiveOverNats,
  Bus,
  type CancelRequest,
  enqueue,
  foldStored,
  Log,
  mayPass,
  provision,
  Queries,
  type Reply,
  REPLY_HEADER,
  ReplyInbox,
  type RunRequest,
  type SessionRef,
  type StoredEvent,
} from '@spool/log'
import { startNats, type RunningNats } from '@spool/testing'
import { ServiceProcess } from './service-process.ts'
import { StreamArchive } from './stream-archive.ts'

const ANSWER_MS = 25_000

/** A real bus with real processes on it. The sweep of persistence is left out: nothing may need it. */
export class Deployment {
  readonly processes = new Set<ServiceProcess>()

  private constructor(
    readonly nats: RunningNats,
    readonly bus: Bus,
    readonly log: Log,
    readonly archive: StreamArchive,
  ) {}

  static async start(shards = 1): Promise<Deployment> {
    const nats = await startNats()
    const bus = await Bus.connect({ servers: nats.url, name: 'test' })
    await provision(bus, { shards, logMaxBytes: 256 * 1024 ** 2 })
    const log = await Log.open(bus, new ArchiveOverNats(new Queries(bus)), shards)
    return new Deployment(nats, bus, log, await StreamArchive.start(bus, shards))
  }

  async run(service: string, env: Record<string, string> = {}): Promise<ServiceProcess> {
    const shards = String(this.log.subjects.shards)
    const process = await ServiceProcess.start(service, this.nats.url, { SPOOL_SHARDS: shards, ...env })
    this.processes.add(process)
    await eventually(() => process.isReady || process.exitCode, 'the service is up')
    return process
  }

  /** Asks for a run, as the gateway does. `null`: nobody answered in time. */
  async ask(ref: SessionRef, request: Partial<RunRequest> = {}, waitMs = ANSWER_MS): Promise<Reply | null> {
    const whole = runRequest(request)
    return this.request(this.log.subjects.intake(ref, whole.request), whole, waitMs)
  }

  async cancel(ref: SessionRef, run: string, waitMs = ANSWER_MS): Promise<Reply | null> {
    const request: CancelRequest = { request: newId(), run, by: 'user', reason: 'user' }
    return this.request(this.log.subjects.controlJob(ref, 'cancel', request.request), request, waitMs)
  }

  async request(subject: string, body: object | string, waitMs = ANSWER_MS): Promise<Reply | null> {
    return (await this.queued(subject, body, waitMs)).reply
  }

  /** Resolves when the request is safe: what is asked afterwards comes after it. */
  async queued(subject: string, body: object | string, waitMs = ANSWER_MS): Promise<{ reply: Promise<Reply | null> }> {
    const inbox = new ReplyInbox(this.bus)
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    await enqueue(this.log, subject, text, { [REPLY_HEADER]: inbox.subject })
    return { reply: inbox.answer(waitMs).finally(() => inbox.close()) }
  }

  async chain(ref: SessionRef): Promise<StoredEvent[]> {
    for (;;) {
      try {
        const events: StoredEvent[] = []
        const last = await this.log.lastPosition(ref)
        for await (const event of this.log.read(ref, 0, last)) events.push(event)
        return events
      } catch (error) {
        if (!mayPass(error)) throw error
        await this.bus.untilConnected()
      }
    }
  }

  async types(ref: SessionRef): Promise<string[]> {
    return (await this.chain(ref)).map(({ type }) => type).filter((type) => type !== 'text.delta')
  }

  async ended(ref: SessionRef, runs: number): Promise<void> {
    await eventually(
      async () => (await this.types(ref)).filter(isEnd).length >= runs,
      `${runs} runs of ${ref.session} have ended`,
      60_000,
    )
  }

  /** What is wrong with a session's chain and its runs, now that everything should have ended; nothing, it is hoped. */
  async faults(ref: SessionRef): Promise<string[]> {
    const faults: string[] = []
    let state = emptySession()
    for (const stored of await this.chain(ref)) {
      if (stored.prev !== state.seq) faults.push(`${stored.seq} names ${stored.prev}, but follows ${state.seq}`)
      const event = stored.event()
      const refusal = event === null ? 'it does not parse' : allows(state, event)
      if (refusal !== null) faults.push(`${stored.type} at ${stored.seq}: ${refusal}`)
      state = foldStored(state, stored)
    }
    for (const run of state.runs) if (run.endedSeq === null) faults.push(`run ${run.id} has not ended`)
    for (const message of state.messages) if (isOpenMessage(message)) faults.push(`message ${message.id} is open`)
    return faults
  }

  async stop(): Promise<void> {
    await Promise.all([...this.processes].map((process) => process.end()))
    await this.bus.close()
    await this.nats.stop()
  }
}

export const isEnd = (type: string) => ['run.completed', 'run.cancelled', 'run.failed'].includes(type)

export function runRequest(request: Partial<RunRequest> = {}): RunRequest {
  return {
    request: newId(),
    run: newId(),
    message: newId(),
    parts: [{ type: 'text', text: 'hello' }],
    at: new Date().toISOString(),
    when_busy: 'enqueue',
    on_disconnect: 'continue',
    model: 'demo/steady?tokens=5&tps=200',
    ...request,
  }
}

export const newSession = (): SessionRef => ({ tenant: 'test', session: newId() })

export async function eventually(probe: () => unknown, what: string, timeoutMs = 20_000): Promise<void> {
  const deadlineMs = Date.now() + timeoutMs
  while (!(await probe())) {
    if (Date.now() > deadlineMs) throw new Error(`Not within ${timeoutMs} ms: ${what}`)
    await sleep(20)
  }
}
