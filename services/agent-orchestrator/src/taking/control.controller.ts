import { Controller, Inject } from '@nestjs/common'
import { EventPattern } from '@nestjs/microservices'
import { runOf } from '@spool/events'
import {
  type CancelRequest,
  type Delivery,
  type Log,
  type Settlement,
  DONE,
  REPLY_HEADER,
  answer,
  oldestRequest,
} from '@spool/log'
import { completeCancel } from '../stepping/cancellation.ts'
import type { Stepper } from '../stepping/stepper.ts'
import { LOG, STEPPER } from './tokens.ts'

/** The run may still wait in the intake. */
const INTAKE_MS = 100

@Controller()
export class ControlController {
  constructor(
    @Inject(LOG) private readonly log: Log,
    @Inject(STEPPER) private readonly stepper: Stepper,
  ) {}

  @EventPattern('control')
  async take(delivery: Delivery): Promise<Settlement> {
    const [kind] = delivery.tail
    if (kind !== 'cancel') return { kind: 'unusable', reason: `unknown request ${kind}` }
    return this.cancel(delivery)
  }

  private async cancel(delivery: Delivery): Promise<Settlement> {
    const { ref } = delivery
    const request = JSON.parse(delivery.text) as CancelRequest
    const step = await this.stepper.take(ref, { kind: 'cancel', request })
    if (step.refusal?.code === 'unknown_run' && (await oldestRequest(this.log, ref)) !== null) {
      return { kind: 'later', delayMs: INTAKE_MS }
    }
    const inbox = delivery.header(REPLY_HEADER)
    if (step.refusal !== null) {
      answer(this.log.bus, inbox, { ok: false, ...step.refusal })
      return DONE
    }
    const state = await completeCancel(this.log, this.stepper, ref, request.run, step.state)
    const run = runOf(state, request.run)!
    if (run.status === 'cancelled') {
      const epoch = this.log.epochOf(ref)
      const seq = run.endedSeq ?? state.seq
      answer(this.log.bus, inbox, { ok: true, run: run.id, seq, epoch, first: run.firstSeq, status: run.status })
    } else {
      const message = `The run ended (${run.status}) before it could be cancelled.`
      answer(this.log.bus, inbox, { ok: false, status: 409, code: 'run_ended', message })
    }
    return DONE
  }
}
