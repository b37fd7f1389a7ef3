import { type DynamicModule, Module } from '@nestjs/common'
import type { Log, Queries } from '@spool/log'
import type { Forker } from './forking/forker.ts'
import { MemoryController, QUERIES } from './remembering/memory.controller.ts'
import type { Stepper } from './stepping/stepper.ts'
import { ControlController } from './taking/control.controller.ts'
import { IntakeController } from './taking/intake.controller.ts'
import { RunController } from './taking/run.controller.ts'
import { DISCONNECT_MS, FORKER, LOG, STEPPER } from './taking/tokens.ts'
import type { CallWorker } from './working/call-worker.ts'
import { CALL_WORKER, ToolController } from './working/tool.controller.ts'

export interface OrchestratorParts {
  readonly log: Log
  readonly queries: Queries
  readonly stepper: Stepper
  readonly forker: Forker
  readonly calls: CallWorker
  readonly disconnectMs: number
}

@Module({})
export class AgentOrchestratorModule {
  static with({ log, queries, stepper, forker, calls, disconnectMs }: OrchestratorParts): DynamicModule {
    return {
      module: AgentOrchestratorModule,
      controllers: [IntakeController, ControlController, RunController, ToolController, MemoryController],
      providers: [
        { provide: LOG, useValue: log },
        { provide: QUERIES, useValue: queries },
        { provide: STEPPER, useValue: stepper },
        { provide: DISCONNECT_MS, useValue: disconnectMs },
        { provide: FORKER, useValue: forker },
        { provide: CALL_WORKER, useValue: calls },
      ],
    }
  }
}
