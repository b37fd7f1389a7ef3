import { Controller, Inject } from '@nestjs/common'
import { EventPattern } from '@nestjs/microservices'
import { type Delivery, type Log, type Settlement, DONE } from '@spool/log'
import { cancelUnderWay, completeCancel } from '../stepping/cancellation.ts'
import type { Stepper } from '../stepping/stepper.ts'
import { LOG, STEPPER } from './tokens.ts'

/** A step leaves no attempt in the log, so the deliveries are what counts. */
const MAX_DELIVERIES = 10

@Controller()
export class RunController {
  constructor(
    @Inject(LOG) private readonly log: Log,
    @Inject(STEPPER) private readonly stepper: Stepper,
  ) {}

  @EventPattern('run')
  async take(delivery: Delivery): Promise<Settlement> {
    const kind = delivery.deliveries > MAX_DELIVERIES ? 'give-up' : 'work'
    const { state } = await this.stepper.take(delivery.ref, { kind })
    const cancelled = cancelUnderWay(state)
    if (cancelled !== null) await completeCancel(this.log, this.stepper, delivery.ref, cancelled, state)
    return DONE
  }
}
