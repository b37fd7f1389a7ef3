import { Controller, Inject } from '@nestjs/common'
import { EventPattern } from '@nestjs/microservices'
import { type Delivery, type Settlement, settlementOf } from '@spool/log'
import type { CallWorker } from './call-worker.ts'

export const CALL_WORKER = Symbol('call worker')

@Controller()
export class ToolController {
  constructor(@Inject(CALL_WORKER) private readonly calls: CallWorker) {}

  @EventPattern('tool')
  async take(delivery: Delivery): Promise<Settlement> {
    const [call] = delivery.tail
    if (call === undefined) return { kind: 'unusable', reason: 'the job names no call' }
    return settlementOf(await this.calls.work(delivery.ref, call, delivery.subject))
  }
}
