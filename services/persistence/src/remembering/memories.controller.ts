import { Controller, Inject } from '@nestjs/common'
import { MessagePattern } from '@nestjs/microservices'
import type { Observable } from 'rxjs'
import { Answers } from '../answering/answers.ts'
import { forgetAsk, memoriesAsk, recallAsk } from '../answering/ask.ts'
import { forgetMemories } from './forget-memories.ts'
import { listMemories } from './list-memories.ts'
import { recallMemories } from './recall-memories.ts'

/** A run must not wait long for what is not stored yet; what is, is better than nothing. */
const RECALL_PATIENCE_MS = 500

/** What is remembered of users. Each is answered as of the moment of the question, so that all read what they wrote. */
@Controller()
export class MemoriesController {
  constructor(@Inject(Answers) private readonly answers: Answers) {}

  @MessagePattern('query.recall')
  recall(data: unknown): Promise<Observable<string>> {
    return this.answers.to(recallAsk, data, async ({ kysely, untilNow }, ask) => {
      await untilNow(RECALL_PATIENCE_MS).catch(() => undefined)
      return recallMemories(kysely, ask)
    })
  }

  @MessagePattern('query.memories')
  memories(data: unknown): Promise<Observable<string>> {
    return this.answers.to(memoriesAsk, data, async ({ kysely, untilNow }, ask) => {
      await untilNow()
      return listMemories(kysely, ask)
    })
  }

  @MessagePattern('query.forget')
  forget(data: unknown): Promise<Observable<string>> {
    return this.answers.to(forgetAsk, data, forgetMemories)
  }
}
