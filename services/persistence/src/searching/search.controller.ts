import { Controller, Inject } from '@nestjs/common'
import { MessagePattern } from '@nestjs/microservices'
import type { Observable } from 'rxjs'
import { Answers } from '../answering/answers.ts'
import { searchAsk } from '../answering/ask.ts'
import { searchMessages } from './search-messages.ts'

/** What was said a moment ago should be found; where that takes longer, what is stored is better than nothing. */
const PATIENCE_MS = 1000

@Controller()
export class SearchController {
  constructor(@Inject(Answers) private readonly answers: Answers) {}

  @MessagePattern('query.search')
  search(data: unknown): Promise<Observable<string>> {
    return this.answers.to(searchAsk, data, async ({ kysely, untilNow }, ask) => {
      await untilNow(PATIENCE_MS).catch(() => undefined)
      return searchMessages(kysely, ask)
    })
  }
}
