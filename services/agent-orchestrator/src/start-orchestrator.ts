import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import { type Environment, loadSpoolConfig } from '@spool/config'
import {
  BlobArchive,
  Blobs,
  JobFailures,
  QueueServer,
  SessionLoader,
  Worker,
  answerReady,
  answerStatus,
  openLog,
  readinessOf,
} from '@spool/log'
import { type Logger, nestLogger } from '@spool/telemetry'
import { AgentOrchestratorModule } from './agent-orchestrator.module.ts'
import { agentsStatus } from './agents/agents-status.ts'
import type { Config } from './config.ts'
import { forbids } from './deciding/forbids.ts'
import { WorkspaceEraser } from './erasing/workspace-eraser.ts'
import { Forker } from './forking/forker.ts'
import { recallFor } from './remembering/recall-for.ts'
import { Stepper } from './stepping/stepper.ts'
import { Workspaces } from './tools/built-in/workspace/workspaces.ts'
import { openTools } from './tools/open-tools.ts'
import { CallWorker } from './working/call-worker.ts'
import { LettingGo } from './working/letting-go.ts'

export interface RunningOrchestrator {
  /** Takes nothing new and resolves when the steps that are being taken, and the calls of tools, are through. */
  stop(): Promise<void>
}

/** Of the models it only has to know which there are: it is told of keys that they are set, and not what they are. */
export async function startOrchestrator(
  config: Config,
  logger: Logger,
  env: Environment,
): Promise<RunningOrchestrator> {
  const wallClockSeconds = config.SPOOL_RUN_LIMIT_MS / 1000
  const { agents, models, tools } = loadSpoolConfig(env, { wallClockSeconds, requireToolVariables: true })
  const { NATS_URL: servers, SPOOL_INSTANCE: name, SPOOL_SHARDS: shards } = config
  const [{ bus, log, queries }, { toolbox, stop: stopTools }] = await Promise.all([
    openLog({
      servers,
      name,
      shards,
      onFull: ({ message, stream }) => logger.warn({ stream }, message),
      onForbidden: ({ message }) => logger.error(message),
    }),
    openTools(tools, env, logger),
  ])
  const worker = new Worker(bus, name)
  const loader = new SessionLoader(log)
  const blobs = new Blobs(bus, new BlobArchive(queries))
  const stepper = new Stepper(log, loader, { agents, models, toolbox, recall: recallFor.bind(null, queries) }, blobs)
  const { workspace } = tools
  const eraser = workspace && new WorkspaceEraser(log, new Workspaces(workspace.folder), logger)
  const lettingGo = new LettingGo()
  const forker = new Forker(log, loader, blobs, queries, lettingGo.signals.stopping)
  const calls = new CallWorker({
    log,
    loader,
    worker,
    toolbox,
    forbids: (state, call, { tenant }) => forbids(state, call, { agents, toolbox, tenant }),
    blobs,
    ...(eraser && { clear: (ref) => eraser.remove(ref) }),
    ...lettingGo.signals,
    onUnforeseen: (error, { name: tool }, ref) =>
      logger.warn({ err: error, tool, ...ref }, 'A tool failed in a way that it does not explain'),
  })
  const { SPOOL_STEPS: steps, SPOOL_DISCONNECT_MS: disconnectMs } = config
  const app = await NestFactory.createMicroservice(
    AgentOrchestratorModule.with({ log, queries, stepper, forker, calls, disconnectMs }),
    {
      logger: nestLogger(logger),
      strategy: new QueueServer({
        bus,
        worker,
        slots: { intake: steps, control: steps, run: steps, memory: steps, tool: config.SPOOL_TOOL_CALLS },
        onError: (error, delivery) => {
          if (delivery === null) logger.warn({ err: error }, 'A queue did not answer and is asked again until it does')
          else logger.warn({ err: error, job: delivery.subject }, 'A step failed and is tried again')
        },
      }),
    },
  )
  app.useGlobalFilters(new JobFailures())
  await app.listen()
  answerReady(bus, 'agent-orchestrator', () => readinessOf(log))
  answerStatus(bus, 'agent-orchestrator', agentsStatus(name, agents, toolbox))
  return {
    async stop() {
      await lettingGo.during(config.SPOOL_DRAIN_MS, () => app.close())
      await stopTools()
      await eraser?.stop()
      worker.close()
      await bus.close()
    },
  }
}
