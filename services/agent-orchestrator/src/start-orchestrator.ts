import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import {
  ArchiveOverNats,
  Bus,
  JobFailures,
  Log,
  Queries,
  QueueServer,
  SessionLoader,
  Worker,
  answerReady,
} from '@spool/log'
import { type Logger, nestLogger } from '@spool/telemetry'
import { AgentOrchestratorModule } from './agent-orchestrator.module.ts'
import { builtInAgents } from './agents/agents.ts'
import type { Config } from './config.ts'
import { Stepper } from './stepping/stepper.ts'

export interface RunningOrchestrator {
  /** Takes nothing new and resolves when the steps that are being taken are through. */
  stop(): Promise<void>
}

/** Waits for NATS for as long as it takes. Throws where the deployment is not there or another than configured. */
export async function startOrchestrator(config: Config, logger: Logger): Promise<RunningOrchestrator> {
  const bus = await Bus.connect({ servers: config.NATS_URL.join(','), name: config.SPOOL_INSTANCE })
  try {
    const log = await Log.open(bus, new ArchiveOverNats(new Queries(bus)), config.SPOOL_SHARDS)
    return await serve(config, logger, bus, log)
  } catch (error) {
    await bus.close()
    throw error
  }
}

async function serve(config: Config, logger: Logger, bus: Bus, log: Log): Promise<RunningOrchestrator> {
  const agents = builtInAgents({
    hasProvider: config.OPENAI_API_KEY !== undefined || config.OPENAI_BASE_URL !== undefined,
    wallClockSeconds: config.SPOOL_RUN_LIMIT_MS / 1000,
  })
  const worker = new Worker(bus, config.SPOOL_INSTANCE)
  const stepper = new Stepper(log, new SessionLoader(log), agents)
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
  answerReady(bus, 'agent-orchestrator', () =>
    log.horizon.behind === null ? { ok: true } : { ok: false, detail: log.horizon.behind.message },
  )
  log.askArchive(() => log.horizon.askArchive()).catch(() => undefined)
  return {
    async stop() {
      await app.close()
      worker.close()
      await bus.close()
    },
  }
}
