import { type DynamicModule, Module } from '@nestjs/common'
import type { Answerer } from './generating/answerer.ts'
import { ANSWERER, LlmController } from './taking/llm.controller.ts'

@Module({})
export class LlmProxyModule {
  static with(answerer: Answerer): DynamicModule {
    return {
      module: LlmProxyModule,
      controllers: [LlmController],
      providers: [{ provide: ANSWERER, useValue: answerer }],
    }
  }
}
