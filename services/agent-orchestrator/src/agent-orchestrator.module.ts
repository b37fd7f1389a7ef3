import { type DynamicModule, Module } from '@nestjs/common'
import type { Log } from '@spool/log'
import type { Stepper } from './stepping/stepper.ts'
import { ControlController } from './taking/control.controller.ts'
import { IntakeController } from './taking/intake.controller.ts'
import { RunController } from './taking/run.controller.ts'
import { LOG, STEPPER } from './taking/tokens.ts'

@Module({})
export class AgentOrchestratorModule {
  static with(log: Log, stepper: Stepper): DynamicModule {
    return {
      module: AgentOrchestratorModule,
      controllers: [IntakeController, ControlController, RunController],
      providers: [
        { provide: LOG, useValue: log },
        { provide: STEPPER, useValue: stepper },
      ],
    }
  }
}
