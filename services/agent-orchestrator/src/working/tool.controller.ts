import { Controller, Inject } from '@nestjs/common'
import { EventPattern } from '@nestjs/microservices'
import { type Delivery, type Settlement, DONE, NOT_MINE } from '@spool/log'
import type { CallWorker } from './call-worker.ts'

export const CALL_WORKER = Symbol('call worker')

@Controller()
export class ToolController {
  constructor(@Inject(CALL_WORKER) private readonly calls: CallWorker) {}

  @EventPattern('tool')
  async take(delivery: Delivery): Promise<Settlement> {
    const [call] = delivery.tail
    if (call === undefined) return { kind: 'unusable', reason: 'the job names no call' }
    switch (await this.calls.work(delivery.ref, call, delivery.subject)) {
      case 'done':
        return DONE
      case 'not-mine':
        return NOT_MINE
      case 'handed-over':
        return { kind: 'later', delayMs: 0 }
    }
  }
}
