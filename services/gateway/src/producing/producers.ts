import { Inject, Injectable } from '@nestjs/common'
import { encodeEvent, fold, newId, openPart, pending, type SessionState } from '@spool/events'
import {
  ChainWriter,
  currentTrace,
  foldStored,
  type Log,
  publishJob,
  SessionCache,
  SessionErased,
  type SessionRef,
} from '@spool/log'
import type { Logger } from '@spool/telemetry'
import { RoomWatch } from '../admitting/room-watch.ts'
import { busUnavailable } from '../problems/known-problems.ts'
import { Told } from '../reading/told.ts'
import { inTime } from '../serving/in-time.ts'
import { LOG, LOGGER } from '../tokens.ts'
import { type Begin, type Begun, decideBegin } from './decide-begin.ts'
import { type Chunk, decideChunk } from './decide-chunk.ts'
import { type Custom, decideCustom } from './decide-custom.ts'
import { decideFinalize, type Finalize, type Finalized } from './decide-finalize.ts'
import type { Decision } from './decision.ts'
import { SessionStates } from './session-states.ts'

/** What is appended by then may be in the log: whoever repeats the call under its sequence is told the same. */
const CALL_TIMEOUT_MS = 5000
/** Sessions that are written into now. */
const HOT = { sessions: 2000, units: 32 * 1024 ** 2 }

/** Appends on behalf of producers, by the rule for whoever takes a step: fold what others said and decide anew. */
@Injectable()
export class Producers {
  /**
   * The open part of sessions with a producer, as this process saw it last: with it a chunk is one append and nothing
   * else. It is never the reason to refuse anything; what is not appended is decided by what the log holds.
   */
  private readonly hot = new SessionCache(HOT.sessions, HOT.units)

  constructor(
    @Inject(LOG) private readonly log: Log,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(RoomWatch) private readonly room: RoomWatch,
    @Inject(Told) private readonly told: Told,
    @Inject(SessionStates) private readonly states: SessionStates,
  ) {}

  begin(ref: SessionRef, begin: Begin): Promise<Begun> {
    this.room.assertRoom(ref)
    return this.carryOut(ref, (state, now) => decideBegin(state, begin, now))
  }

  async append(ref: SessionRef, chunk: Chunk): Promise<{ run: string; sequence: number }> {
    const taken = await this.carryOut(ref, (state, now) => decideChunk(state, chunk, now))
    if (!('lookUp' in taken)) return taken
    const stored = await this.textOf(ref, chunk.message, taken.lookUp)
    return this.append(ref, { ...chunk, stored })
  }

  finalize(ref: SessionRef, call: Finalize): Promise<Finalized> {
    return this.carryOut(ref, (state, now) => decideFinalize(state, call, now))
  }

  async emit(ref: SessionRef, custom: Custom): Promise<{ run: string; seq: number }> {
    let seq = 0
    const { run } = await this.carryOut(
      ref,
      (state, now) => decideCustom(state, custom, now),
      (stored) => (seq = stored),
    )
    return { run, seq }
  }

  private carryOut<Answer>(
    ref: SessionRef,
    decide: (state: SessionState, now: Date) => Decision<Answer>,
    onStored: (seq: number) => void = () => undefined,
  ): Promise<Answer> {
    return inTime(CALL_TIMEOUT_MS, busUnavailable, async (signal) => {
      let state = this.hot.get(this.keyOf(ref))
      let isSure = state === undefined
      state ??= await this.states.load(ref, signal)
      let writer = new ChainWriter(this.log, ref, state.seq, { signal })
      try {
        for (;;) {
          const decision = decide(state, new Date())
          if (decision.kind === 'append') {
            const { event } = decision
            const trace = event.type.startsWith('run.') ? currentTrace() : undefined
            const appended = await writer.append({ id: newId(), type: event.type, body: encodeEvent(event), trace })
            isSure = true
            if (appended.outcome === 'overtaken') {
              for (const other of appended.others) state = foldStored(state, other)
              if (state.erased) throw new SessionErased(ref.session)
              continue
            }
            state = fold(state, { seq: appended.seq, event })
            this.told.note(ref, appended.seq)
            onStored(appended.seq)
            this.keep(ref, state)
            if (state.activeRun === null) await this.publishJobs(ref, state)
            if (decision.answer !== undefined) return decision.answer
          } else if (!isSure) {
            isSure = true
            state = await this.states.load(ref, signal)
            writer = new ChainWriter(this.log, ref, state.seq, { signal })
          } else if (decision.kind === 'refuse') throw decision.problem
          else return decision.answer
        }
      } catch (error) {
        // What it holds may be why.
        this.hot.delete(this.keyOf(ref))
        throw error
      }
    })
  }

  private keep(ref: SessionRef, state: SessionState): void {
    const key = this.keyOf(ref)
    if (state.phase !== 'external') return this.hot.delete(key)
    // Two calls at once: the later state stays.
    if ((this.hot.get(key)?.seq ?? 0) < state.seq) this.hot.set(key, openPart(state))
  }

  /** Somebody may have waited for the end of the run. Where it cannot be told, the sweep finds the session. */
  private async publishJobs(ref: SessionRef, state: SessionState): Promise<void> {
    try {
      for (const job of pending(state)) await publishJob(this.log, ref, job, currentTrace())
    } catch (error) {
      this.logger.warn({ err: error }, 'What waits in a session could not be announced; the sweep will find it')
    }
  }

  /** What is stored under a sequence that was used before. */
  private textOf(
    ref: SessionRef,
    message: string,
    { sequence, first, last }: { sequence: number; first: number; last: number },
  ): Promise<string> {
    return inTime(CALL_TIMEOUT_MS, busUnavailable, async (signal) => {
      for await (const stored of this.log.read(ref, first, last, signal)) {
        if (stored.type !== 'text.delta') continue
        const event = stored.event()
        if (event?.type === 'text.delta' && event.message === message && event.sequence === sequence) return event.text
      }
      throw new Error(`chunk ${sequence} of message ${message} is in the state of its session, but not in the log`)
    })
  }

  /** What was folded in an earlier epoch may hold events that are lost. */
  private keyOf(ref: SessionRef): string {
    return `${this.log.epochOf(ref)} ${ref.tenant}/${ref.session}`
  }
}
