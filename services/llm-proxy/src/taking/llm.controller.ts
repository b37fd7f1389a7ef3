import { Controller, Inject } from '@nestjs/common'
import { EventPattern } from '@nestjs/microservices'
import { type Delivery, type Settlement, settlementOf } from '@spool/log'
import type { Answerer } from '../generating/answerer.ts'

export const ANSWERER = Symbol('answerer')

@Controller()
export class LlmController {
  constructor(@Inject(ANSWERER) private readonly answerer: Answerer) {}

  @EventPattern('llm')
  async take(delivery: Delivery): Promise<Settlement> {
    const [message] = delivery.tail
    if (message === undefined) return { kind: 'unusable', reason: 'the job names no message' }
    return settlementOf(await this.answerer.answer(delivery.ref, message, delivery.subject))
  }
}
