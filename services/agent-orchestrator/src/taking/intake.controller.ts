import { Controller, Inject } from '@nestjs/common'
import { EventPattern } from '@nestjs/microservices'
import {
  type Delivery,
  type Log,
  type Reply,
  type RunRequest,
  type SessionRef,
  type Settlement,
  DONE,
  REPLY_HEADER,
  ArchiveUnavailable,
  Blobs,
  answer,
  oldestRequest,
  wholeRequest,
} from '@spool/log'
import { runOf } from '@spool/events'
import { BEING_COPIED } from '../deciding/start-run.ts'
import { cancelUnderWay, completeCancel } from '../stepping/cancellation.ts'
import type { Step, Stepper } from '../stepping/stepper.ts'
import { MAX_FAILURES } from './max-failures.ts'
import { readRequest } from './read-request.ts'
import { LOG, STEPPER } from './tokens.ts'

/** A message of this session came before: it goes first. */
const TURN_MS = 50
const ARCHIVE_MS = 500
/** The session is a fork that is not whole yet. */
const COPY_MS = 100

@Controller()
export class IntakeController {
  private readonly blobs: Blobs

  constructor(
    @Inject(LOG) private readonly log: Log,
    @Inject(STEPPER) private readonly stepper: Stepper,
  ) {
    this.blobs = new Blobs(log.bus)
  }

  @EventPattern('intake')
  async take(delivery: Delivery): Promise<Settlement> {
    const { ref } = delivery
    const oldest = await oldestRequest(this.log, ref)
    if (oldest !== null && oldest < delivery.queueSeq) return { kind: 'later', delayMs: TURN_MS }
    const request = readRequest<RunRequest>(delivery.text)
    if (request === null) return { kind: 'unusable', reason: 'not a request' }
    const step = await this.step(delivery, request)
    if (step === null) return { kind: 'later', delayMs: ARCHIVE_MS }
    if (step.refusal === BEING_COPIED) return { kind: 'later', delayMs: COPY_MS }
    answer(this.log.bus, delivery.header(REPLY_HEADER), this.replyOf(ref, request, step))
    const cancelled = cancelUnderWay(step.state)
    if (cancelled !== null) await completeCancel(this.log, this.stepper, ref, cancelled, step.state)
    // What it says is in the log now, or was refused.
    if (request.blob !== undefined) await this.blobs.leave(ref, request.blob)
    return DONE
  }

  /** `null`: persistence is needed and away. Others may not need it, so this one makes room for them. */
  private async step(delivery: Delivery, request: RunRequest): Promise<Step | null> {
    const { ref, deliveries, failures } = delivery
    if (failures >= MAX_FAILURES) return this.stepper.take(ref, { kind: 'give-up', about: { request } })
    try {
      const whole = await wholeRequest(this.blobs, ref, request)
      const lost = whole === null && { isLost: true }
      return await this.stepper.take(ref, {
        kind: 'start',
        request: whole ?? request,
        redelivered: deliveries > 1,
        ...lost,
      })
    } catch (error) {
      // Given out again, a `reject` would be refused though nobody has refused it.
      if (error instanceof ArchiveUnavailable && request.when_busy !== 'reject') return null
      throw error
    }
  }

  private replyOf(ref: SessionRef, request: RunRequest, step: Step): Reply {
    if (step.refusal !== null) return { ok: false, ...step.refusal }
    const run = runOf(step.state, request.run)!
    if (run.status === 'failed' && run.startedSeq === null && run.error !== null) {
      return { ok: false, status: 500, code: run.error.code, message: run.error.message }
    }
    const { seq } = step.state
    return { ok: true, run: run.id, seq, epoch: this.log.epochOf(ref, seq), first: run.firstSeq, status: run.status }
  }
}
