import { Controller, Inject } from '@nestjs/common'
import { EventPattern } from '@nestjs/microservices'
import { type SessionState, runOf, say } from '@spool/events'
import {
  type CancelRequest,
  type ConfirmRequest,
  type Delivery,
  type ForkReply,
  type ForkRequest,
  type Log,
  type Reply,
  type SessionRef,
  type Settlement,
  ArchiveUnavailable,
  DONE,
  REPLY_HEADER,
  answer,
  oldestRequest,
} from '@spool/log'
import { alreadyEnded } from '../deciding/already-ended.ts'
import { ERASED } from '../deciding/decide.ts'
import type { Refusal } from '../deciding/decision.ts'
import type { Forker } from '../forking/forker.ts'
import { cancelUnderWay, completeCancel } from '../stepping/cancellation.ts'
import type { Step, Stepper } from '../stepping/stepper.ts'
import { questionOf } from '../deciding/question-of.ts'
import { MAX_FAILURES } from './max-failures.ts'
import { readRequest } from './read-request.ts'
import { FORKER, LOG, STEPPER } from './tokens.ts'

/** The run may still wait in the intake. */
const INTAKE_MS = 100
const ARCHIVE_MS = 500

const FORK_FAILED = {
  status: 500,
  code: 'fork_failed',
  message: 'The session could not be copied. The original is as it was; what was copied of it is erased.',
}

@Controller()
export class ControlController {
  constructor(
    @Inject(LOG) private readonly log: Log,
    @Inject(STEPPER) private readonly stepper: Stepper,
    @Inject(FORKER) private readonly forker: Forker,
  ) {}

  @EventPattern('control')
  async take(delivery: Delivery): Promise<Settlement> {
    try {
      return await this.taken(delivery)
    } catch (error) {
      if (!(error instanceof ArchiveUnavailable)) throw error
      // Persistence is needed and away. Others may not need it, so this one makes room for them.
      return { kind: 'later', delayMs: ARCHIVE_MS }
    }
  }

  private taken(delivery: Delivery): Settlement | Promise<Settlement> {
    const [kind] = delivery.tail
    switch (kind) {
      case 'cancel':
        return this.cancel(delivery)
      case 'confirm':
        return this.confirm(delivery)
      case 'fork':
        return this.fork(delivery)
      default:
        return { kind: 'unusable', reason: `unknown request ${kind}` }
    }
  }

  /** A person's answer. It counts once it is in the log; what follows from it is not waited for. */
  private async confirm(delivery: Delivery): Promise<Settlement> {
    const { ref } = delivery
    const request = readRequest<ConfirmRequest>(delivery.text)
    if (request === null) return { kind: 'unusable', reason: 'not a request' }
    if (delivery.failures >= MAX_FAILURES) {
      const message = say(null, 'refusal.confirmation_failed')
      answer(this.log.bus, delivery.header(REPLY_HEADER), { ok: false, status: 500, code: 'step_failed', message })
      return { kind: 'unusable', reason: 'the step failed too often' }
    }
    const { state, refusal } = await this.stepper.take(ref, { kind: 'confirm', request })
    const reply = refusal === null ? this.confirmed(ref, request, state) : told(refusal, state)
    answer(this.log.bus, delivery.header(REPLY_HEADER), reply)
    const cancelled = cancelUnderWay(state)
    if (cancelled !== null) await completeCancel(this.log, this.stepper, ref, cancelled, state)
    return DONE
  }

  /** The caller hears of it once the copy is whole. */
  private async fork(delivery: Delivery): Promise<Settlement> {
    const { ref } = delivery
    const request = readRequest<ForkRequest>(delivery.text)
    if (request === null) return { kind: 'unusable', reason: 'not a request' }
    const tell = (reply: ForkReply) => answer(this.log.bus, delivery.header(REPLY_HEADER), reply)
    if (delivery.failures >= MAX_FAILURES) {
      await this.forker.giveUp(ref, request)
      tell({ ok: false, ...FORK_FAILED })
      return { kind: 'unusable', reason: 'the fork failed too often' }
    }
    const forked = await this.forker.take(ref, request)
    if (forked.kind === 'handed-over') return { kind: 'later', delayMs: 0 }
    if (forked.kind === 'refused') tell({ ok: false, ...forked.refusal })
    else tell({ ok: true, seq: forked.seq, epoch: this.log.epochOf(ref, forked.seq), from_cursor: forked.fromCursor })
    return DONE
  }

  private confirmed(ref: SessionRef, request: ConfirmRequest, state: SessionState): Reply {
    const question = questionOf(state, request)
    const run = runOf(state, question?.run)
    if (question?.resolution == null || run === undefined) return { ok: false, ...ERASED }
    const { lastSeq: seq, resolution } = question
    return {
      ok: true,
      run: run.id,
      seq,
      epoch: this.log.epochOf(ref, seq),
      first: run.firstSeq,
      status: resolution.action,
      ...(run.language !== null && { language: run.language }),
    }
  }

  private async cancel(delivery: Delivery): Promise<Settlement> {
    const { ref } = delivery
    const request = readRequest<CancelRequest>(delivery.text)
    if (request === null) return { kind: 'unusable', reason: 'not a request' }
    let step = await this.step(delivery, request)
    if (step.refusal?.code === 'unknown_run') {
      if ((await oldestRequest(this.log, ref)) !== null) return { kind: 'later', delayMs: INTAKE_MS }
      // It may have gone from the intake into the log between the two looks.
      step = await this.step(delivery, request)
    }
    const { refusal } = step
    const state = refusal === null ? await completeCancel(this.log, this.stepper, ref, request.run, step.state) : null
    answer(
      this.log.bus,
      delivery.header(REPLY_HEADER),
      state === null ? { ok: false, ...refusal! } : this.replyOf(ref, request, state),
    )
    return DONE
  }

  private step(delivery: Delivery, request: CancelRequest): Promise<Step> {
    const gaveUp = delivery.failures >= MAX_FAILURES
    return this.stepper.take(
      delivery.ref,
      gaveUp ? { kind: 'give-up', about: { run: request.run } } : { kind: 'cancel', request },
    )
  }

  private replyOf(ref: SessionRef, request: CancelRequest, state: SessionState): Reply {
    const run = runOf(state, request.run)
    if (run === undefined) return { ok: false, ...ERASED }
    if (run.status === 'cancelled') {
      const seq = run.endedSeq ?? state.seq
      const epoch = this.log.epochOf(ref, seq)
      return { ok: true, run: run.id, seq, epoch, first: run.firstSeq, status: run.status }
    }
    return { ok: false, ...(alreadyEnded(run) ?? ERASED) }
  }
}

function told(refusal: Refusal, { language }: SessionState): Reply {
  return { ok: false, ...refusal, ...(language !== null && { language }) }
}
