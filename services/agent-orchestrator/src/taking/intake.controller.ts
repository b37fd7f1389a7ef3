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
  answer,
  oldestRequest,
} from '@spool/log'
import { runOf } from '@spool/events'
import { cancelUnderWay, completeCancel } from '../stepping/cancellation.ts'
import type { Step, Stepper } from '../stepping/stepper.ts'
import { LOG, STEPPER } from './tokens.ts'

/** A message of this session came before: it goes first. */
const TURN_MS = 50

@Controller()
export class IntakeController {
  constructor(
    @Inject(LOG) private readonly log: Log,
    @Inject(STEPPER) private readonly stepper: Stepper,
  ) {}

  @EventPattern('intake')
  async take(delivery: Delivery): Promise<Settlement> {
    const { ref } = delivery
    const oldest = await oldestRequest(this.log, ref)
    if (oldest !== null && oldest < delivery.queueSeq) return { kind: 'later', delayMs: TURN_MS }
    const request = JSON.parse(delivery.text) as RunRequest
    const step = await this.stepper.take(ref, { kind: 'start', request })
    answer(this.log.bus, delivery.header(REPLY_HEADER), this.replyOf(ref, request, step))
    const cancelled = cancelUnderWay(step.state)
    if (cancelled !== null) await completeCancel(this.log, this.stepper, ref, cancelled, step.state)
    return DONE
  }

  private replyOf(ref: SessionRef, request: RunRequest, step: Step): Reply {
    if (step.refusal !== null) return { ok: false, ...step.refusal }
    const run = runOf(step.state, request.run)!
    if (run.status === 'failed' && run.startedSeq === null && run.error !== null) {
      return { ok: false, status: 409, code: run.error.code, message: run.error.message }
    }
    const { seq } = step.state
    return { ok: true, run: run.id, seq, epoch: this.log.epochOf(ref), first: run.firstSeq, status: run.status }
  }
}
