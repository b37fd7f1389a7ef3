import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import { type Environment, loadSpoolConfig } from '@spool/config'
import { Blobs, JobFailures, QueueServer, SessionLoader, Worker, answerReady, openLog, readinessOf } from '@spool/log'
import { type Logger, nestLogger } from '@spool/telemetry'
import { AgentOrchestratorModule } from './agent-orchestrator.module.ts'
import type { Config } from './config.ts'
import { recallFor } from './remembering/recall-for.ts'
import { Stepper } from './stepping/stepper.ts'
import { Toolbox } from './tools/toolbox.ts'

export interface RunningOrchestrator {
  /** Takes nothing new and resolves when the steps that are being taken are through. */
  stop(): Promise<void>
}

/** Of the models it only has to know which there are: it is told of keys that they are set, and not what they are. */
export async function startOrchestrator(
  config: Config,
  logger: Logger,
  env: Environment,
): Promise<RunningOrchestrator> {
  const { models, agents } = loadSpoolConfig(env, { wallClockSeconds: config.SPOOL_RUN_LIMIT_MS / 1000 })
  const { NATS_URL: servers, SPOOL_INSTANCE: name, SPOOL_SHARDS: shards } = config
  const { bus, log, queries } = await openLog({ servers, name, shards })
  const worker = new Worker(bus, name)
  const toolbox = new Toolbox([])
  const recall = recallFor.bind(null, queries)
  const stepper = new Stepper(log, new SessionLoader(log), { agents, models, toolbox, recall }, new Blobs(bus))
  const app = await NestFactory.createMicroservice(AgentOrchestratorModule.with(log, stepper), {
    logger: nestLogger(logger),
    strategy: new QueueServer({
      bus,
      worker,
      slots: { intake: config.SPOOL_STEPS, control: config.SPOOL_STEPS, run: config.SPOOL_STEPS },
      onError: (error, delivery) => {
        if (delivery === null) logger.warn({ err: error }, 'A queue did not answer and is asked again')
        else logger.warn({ err: error, job: delivery.subject }, 'A step failed and is tried again')
      },
    }),
  })
  app.useGlobalFilters(new JobFailures())
  await app.listen()
  answerReady(bus, 'agent-orchestrator', () => readinessOf(log))
  return {
    async stop() {
      await app.close()
      worker.close()
      await bus.close()
    },
  }
}
