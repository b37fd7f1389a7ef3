import { Controller, Inject } from '@nestjs/common'
import { EventPattern } from '@nestjs/microservices'
import { type Delivery, type Log, type Settlement, DONE } from '@spool/log'
import type { Trigger } from '../deciding/decision.ts'
import { cancelUnderWay, completeCancel } from '../stepping/cancellation.ts'
import type { Stepper } from '../stepping/stepper.ts'
import { FOLLOWERS, cancelIfAlone } from './followers.ts'
import { MAX_FAILURES } from './max-failures.ts'
import { DISCONNECT_MS, LOG, STEPPER } from './tokens.ts'

/** The job by which the sweep has a producer's run ended that was silent since a position. */
const SILENT = /^silent-(\d+)$/

@Controller()
export class RunController {
  constructor(
    @Inject(LOG) private readonly log: Log,
    @Inject(STEPPER) private readonly stepper: Stepper,
    @Inject(DISCONNECT_MS) private readonly patienceMs: number,
  ) {}

  @EventPattern('run')
  async take(delivery: Delivery): Promise<Settlement> {
    if (delivery.tail[0] === FOLLOWERS) {
      return cancelIfAlone(this.log, this.stepper, delivery, this.patienceMs)
    }
    const { state } = await this.stepper.take(delivery.ref, triggerOf(delivery))
    const cancelled = cancelUnderWay(state)
    if (cancelled !== null) await completeCancel(this.log, this.stepper, delivery.ref, cancelled, state)
    return DONE
  }
}

/** A step leaves no attempt in the log, so the deliveries are what counts: each but the first follows a failure. */
function triggerOf(delivery: Delivery): Trigger {
  const [key = ''] = delivery.tail
  const silent = SILENT.exec(key)?.[1]
  const after = Number(silent ?? key)
  if (delivery.deliveries > MAX_FAILURES) return { kind: 'give-up', about: { after } }
  return silent === undefined ? { kind: 'work' } : { kind: 'silent', after }
}
