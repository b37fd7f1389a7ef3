import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import { type Environment, loadModels } from '@spool/config'
import {
  BlobArchive,
  Blobs,
  JobFailures,
  type ProxyStatus,
  QueueServer,
  SessionLoader,
  Worker,
  answerReady,
  answerStatus,
  openLog,
  readinessOf,
} from '@spool/log'
import { type Logger, nestLogger } from '@spool/telemetry'
import type { Config } from './config.ts'
import { Answerer } from './generating/answerer.ts'
import { Stopped } from './generating/stopped.ts'
import { LlmProxyModule } from './llm-proxy.module.ts'
import { countLeftOut, observeRoutes } from './measuring/observe-routes.ts'
import { openProvider } from './providers/open-provider.ts'
import { Routes } from './routing/routes.ts'

export interface RunningProxy {
  /** Takes nothing new, finishes what it can within the drain time, hands the rest to another copy. */
  stop(): Promise<void>
}

export async function startLlmProxy(config: Config, logger: Logger, env: Environment): Promise<RunningProxy> {
  const routes = openRoutes(env, logger)
  const { NATS_URL: servers, SPOOL_INSTANCE: name, SPOOL_SHARDS: shards } = config
  const { bus, log, queries } = await openLog({
    servers,
    name,
    shards,
    onFull: ({ message, stream }) => logger.warn({ stream }, message),
    onForbidden: ({ message }) => logger.error(message),
  })
  const worker = new Worker(bus, name)
  const handOver = new AbortController()
  const answerer = new Answerer({
    log,
    blobs: new Blobs(bus, new BlobArchive(queries)),
    loader: new SessionLoader(log),
    worker,
    routes,
    handOver: handOver.signal,
    // No text: it may hold what the provider says of the conversation.
    onFailed: ({ code }, { run, attempt, provider, model, requestedModel }, { tenant, session }) =>
      logger.info({ tenant, session, run, asked: requestedModel, provider, model, attempt, code }, 'A call failed'),
    onUnforeseen: (error, job) => logger.error({ err: error, job }, 'An answer could not be taken down'),
  })
  const app = await NestFactory.createMicroservice(LlmProxyModule.with(answerer), {
    logger: nestLogger(logger),
    strategy: new QueueServer({
      bus,
      worker,
      slots: { llm: config.SPOOL_GENERATIONS },
      onError: (error, delivery) => {
        if (delivery === null) logger.warn({ err: error }, 'A queue did not answer and is asked again until it does')
        else logger.warn({ err: error, job: delivery.subject }, 'A job failed and is tried again')
      },
    }),
  })
  app.useGlobalFilters(new JobFailures())
  await app.listen()
  answerReady(bus, 'llm-proxy', () => readinessOf(log))
  observeRoutes(() => routes.statuses())
  answerStatus(bus, 'llm-proxy', (): ProxyStatus => ({ instance: name, routes: routes.statuses() }))
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

/** Keys are looked up once, by the name that the catalogue gives, and go nowhere but to their provider. */
function openRoutes(env: Environment, logger: Logger): Routes {
  const catalogue = loadModels(env, { requireKeys: true })
  for (const hint of catalogue.hints) logger.warn(hint)
  return new Routes({
    catalogue,
    open: (settings) => {
      const key = settings.keyEnv === undefined ? undefined : env[settings.keyEnv]
      return openProvider(settings, key === undefined ? {} : { key })
    },
    onChange: (asked, { provider, model }, state) => {
      if (state === 'left_out') {
        countLeftOut({ model: asked, provider, provider_model: model })
        logger.warn({ asked, provider, model }, 'A route keeps failing and is left out for a while')
      } else logger.info({ asked, provider, model, state }, 'A route that was left out is tried again')
    },
  })
}
