import {
  type SessionState,
  type SpoolEvent,
  emptySession,
  encodeEvent,
  fold,
  isOpenCall,
  newId,
  pending,
  runOf,
} from '@spool/events'
import {
  type Blobs,
  type Draft,
  type Log,
  type SessionLoader,
  type SessionRef,
  ArchiveUnavailable,
  ChainWriter,
  SessionErased,
  announce,
  announceDone,
  currentTrace,
  foldStored,
  publishJob,
} from '@spool/log'
import { busMetrics, counter } from '@spool/telemetry'
import { decide, ERASED } from '../deciding/decide.ts'
import type { Circumstances, Memories, Recall, Refusal, Trigger } from '../deciding/decision.ts'
import { contextIn, withinEvent } from './within-event.ts'

const fenced = counter(busMetrics.fenced)

export interface Step {
  /** Where the session stands after the step, as of the leader. */
  readonly state: SessionState
  readonly refusal: Refusal | null
}

/** For what has left JetStream, and for sessions that may be new. */
const ARCHIVE_PATIENCE_MS = 500
/** So long an archive that did not answer is not asked again: those who need it must not hold up the others. */
const ARCHIVE_REST_MS = 1000

/** What deciding needs to know of the deployment. */
export type Surroundings = Pick<Circumstances, 'agents' | 'models' | 'toolbox'> & {
  /** What is known of the user and matters to the run; nothing where nobody can say so quickly. */
  readonly recall: (ref: SessionRef, recall: Recall) => Promise<Memories>
}

const ERASED_STEP: Step = { state: { ...emptySession(), erased: true }, refusal: ERASED }

/**
 * A step: load, decide, append, fold, decide again, until there is nothing to append; then ask for every job that
 * the state calls for. Nothing is held between steps. One that dies in between is given out again, finds its own
 * appends in the log and asks for the jobs once more, which changes nothing where they are there.
 */
export class Stepper {
  private archiveAwayUntilMs = 0

  constructor(
    private readonly log: Log,
    private readonly loader: SessionLoader,
    private readonly surroundings: Surroundings,
    private readonly blobs: Pick<Blobs, 'get' | 'put' | 'eraseOf'>,
  ) {}

  async take(ref: SessionRef, trigger: Trigger): Promise<Step> {
    const step = await this.decideAll(ref, trigger).catch((error: unknown) => {
      if (error instanceof SessionErased) return ERASED_STEP
      throw error
    })
    if (step.state.erased) {
      this.loader.forget(ref)
      // What this step has put there after all else was removed would stay for good.
      await this.blobs.eraseOf(ref)
      return step
    }
    this.loader.keep(ref, step.state)
    for (const job of pending(step.state)) await publishJob(this.log, ref, job, currentTrace())
    return step
  }

  private async decideAll(ref: SessionRef, trigger: Trigger): Promise<Step> {
    let state = await this.load(ref)
    const writer = new ChainWriter(this.log, ref, state.seq)
    const { agents, models, toolbox } = this.surroundings
    const recalled = new Map<string, Memories>()
    const contexts = new Map<string, { context: unknown } | null>()
    const epoch = this.log.epochOf(ref)
    const circumstances = { newId, tenant: ref.tenant, epoch, agents, models, toolbox, recalled, contexts }
    let announced = false
    try {
      for (;;) {
        const decision = decide(state, trigger, { ...circumstances, now: new Date() })
        if (decision.kind === 'recall') {
          recalled.set(decision.recall.run, await this.surroundings.recall(ref, decision.recall))
          continue
        }
        if (decision.kind === 'fetch') {
          contexts.set(decision.run, await contextIn(this.blobs, ref, decision.blob))
          continue
        }
        if (decision.kind === 'refuse') return { state, refusal: decision.refusal }
        if (decision.kind === 'nothing') return { state, refusal: null }
        if (isAtWork(state)) {
          announce(this.log, ref, decision.event.type === 'run.cancel_requested' ? 'cancel' : 'append')
          announced = true
        }
        const event = await withinEvent(this.blobs, ref, decision.event)
        const appended = await writer.append(draftOf(event))
        if (appended.outcome === 'stored') state = fold(state, { seq: appended.seq, event })
        else {
          fenced.add(1)
          for (const other of appended.others) state = foldStored(state, other)
        }
      }
    } finally {
      if (announced) announceDone(this.log, ref)
    }
  }

  /** Rejects with `ArchiveUnavailable` rather than to hold its place for as long as persistence is away. */
  private async load(ref: SessionRef): Promise<SessionState> {
    const isAway = performance.now() < this.archiveAwayUntilMs
    const patience = isAway ? AbortSignal.abort() : AbortSignal.timeout(ARCHIVE_PATIENCE_MS)
    try {
      return await this.loader.load(ref, undefined, patience)
    } catch (error) {
      if (error !== patience.reason) throw error
      if (!isAway) this.archiveAwayUntilMs = performance.now() + ARCHIVE_REST_MS
      throw new ArchiveUnavailable(error)
    }
  }
}

function draftOf(event: SpoolEvent): Draft {
  const trace = event.type.startsWith('run.') || event.type === 'tool.called' ? currentTrace() : undefined
  return { id: newId(), type: event.type, body: encodeEvent(event), trace }
}

/** Somebody streams into this session, or works for it and must hear of a cancel: an append must be announced. */
function isAtWork(state: SessionState): boolean {
  if (runOf(state, state.activeRun) === undefined) return false
  return state.phase === 'streaming_llm' || state.calls.some((call) => isOpenCall(call))
}
