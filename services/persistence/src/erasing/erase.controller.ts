import { Controller, Inject } from '@nestjs/common'
import { MessagePattern } from '@nestjs/microservices'
import type { Observable } from 'rxjs'
import { Answers } from '../answering/answers.ts'
import { eraseAsk } from '../answering/ask.ts'
import { eraseSession } from './erase-session.ts'

@Controller()
export class EraseController {
  constructor(@Inject(Answers) private readonly answers: Answers) {}

  @MessagePattern('query.erase')
  erase(data: unknown): Promise<Observable<string>> {
    return this.answers.to(eraseAsk, data, eraseSession)
  }
}
