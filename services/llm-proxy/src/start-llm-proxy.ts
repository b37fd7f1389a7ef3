import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import { JobFailures, QueueServer, SessionLoader, Worker, answerReady, openLog, readinessOf } from '@spool/log'
import { type Logger, nestLogger } from '@spool/telemetry'
import type { Config } from './config.ts'
import { Answerer } from './generating/answerer.ts'
import { Stopped } from './generating/stopped.ts'
import { LlmProxyModule } from './llm-proxy.module.ts'
import { ProviderChoice } from './providers/choose-provider.ts'

export interface RunningProxy {
  /** Takes nothing new, finishes what it can within the drain time, hands the rest to another copy. */
  stop(): Promise<void>
}

export async function startLlmProxy(config: Config, logger: Logger): Promise<RunningProxy> {
  const { NATS_URL: servers, SPOOL_INSTANCE: name, SPOOL_SHARDS: shards } = config
  const { bus, log } = await openLog({ servers, name, shards })
  const worker = new Worker(bus, name)
  const handOver = new AbortController()
  const answerer = new Answerer({
    log,
    loader: new SessionLoader(log),
    worker,
    providers: new ProviderChoice({
      ...(config.OPENAI_BASE_URL !== undefined && { baseUrl: config.OPENAI_BASE_URL }),
      ...(config.OPENAI_API_KEY !== undefined && { apiKey: config.OPENAI_API_KEY }),
      ...(config.OPENAI_MODEL !== undefined && { model: config.OPENAI_MODEL }),
    }),
    handOver: handOver.signal,
    onUnforeseen: (error, job) => logger.error({ err: error, job }, 'An answer could not be taken down'),
  })
  const app = await NestFactory.createMicroservice(LlmProxyModule.with(answerer), {
    logger: nestLogger(logger),
    strategy: new QueueServer({
      bus,
      worker,
      slots: { llm: config.SPOOL_GENERATIONS },
      onError: (error, delivery) =>
        logger.warn({ err: error, job: delivery?.subject }, 'A job failed and is tried again'),
    }),
  })
  app.useGlobalFilters(new JobFailures())
  await app.listen()
  answerReady(bus, 'llm-proxy', () => readinessOf(log))
  return {
    async stop() {
      const late = setTimeout(() => handOver.abort(new Stopped('handed-over')), config.SPOOL_DRAIN_MS)
      await app.close()
      clearTimeout(late)
      worker.close()
      await bus.close()
    },
  }
}
