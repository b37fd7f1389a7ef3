import { Controller, Inject } from '@nestjs/common'
import { MessagePattern } from '@nestjs/microservices'
import type { Observable } from 'rxjs'
import { hasAsk, readAsk, sessionAsk, tailAsk } from './ask.ts'
import { Answers } from './answers.ts'
import { chainTail, isOnChain, loadSession, readChain, storedHeights } from '@spool/store'

/** What the spine asks: history that has left JetStream (`ArchiveOverNats` in @spool/log). */
@Controller()
export class ArchiveController {
  constructor(@Inject(Answers) private readonly answers: Answers) {}

  @MessagePattern('query.tail')
  tail(data: unknown): Promise<Observable<string>> {
    return this.answers.to(tailAsk, data, ({ kysely }, ref) => chainTail(kysely, ref))
  }

  @MessagePattern('query.read')
  read(data: unknown): Promise<Observable<string>> {
    return this.answers.to(readAsk, data, ({ kysely }, ask) => readChain(kysely, ask, ask.after, ask.until, ask.limit))
  }

  @MessagePattern('query.has')
  has(data: unknown): Promise<Observable<string>> {
    return this.answers.to(hasAsk, data, ({ kysely }, ask) => isOnChain(kysely, ask, ask.epoch, ask.seq))
  }

  @MessagePattern('query.state')
  state(data: unknown): Promise<Observable<string>> {
    return this.answers.to(sessionAsk, data, async ({ kysely }, ref) => {
      const loaded = await loadSession(kysely, ref, { messages: 'all', finished: true })
      return loaded?.state ?? null
    })
  }

  @MessagePattern('query.heights')
  heights(data: unknown): Promise<Observable<string>> {
    return this.answers.to(null, data, ({ kysely, shards }) => storedHeights(kysely, shards))
  }
}
