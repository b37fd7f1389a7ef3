import 'reflect-metadata'
import type { AddressInfo } from 'node:net'
import { NestFactory } from '@nestjs/core'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { type Logger, nestLogger } from '@spool/telemetry'
import { Admission } from './admitting/admission.ts'
import { sayWhoIsLetIn } from './admitting/say-who-is-let-in.ts'
import type { Config } from './config.ts'
import { Routes } from './describing/routes.ts'
import { GatewayModule } from './gateway.module.ts'
import { ProblemFilter } from './problems/problem-filter.ts'
import { Cors } from './serving/cors.ts'
import { Draining } from './serving/draining.ts'
import { addHooks } from './serving/hooks.ts'
import { takeFiles } from './serving/file-body.ts'
import { HttpAdapter } from './serving/http-adapter.ts'
import { parseJsonBodies } from './serving/json-body.ts'
import { closeSpine, openSpine } from './spine.ts'
import { routeUpgrades } from './socketing/upgrades.ts'
import { LIMITS } from './tokens.ts'
import { OpenStreams } from './streaming/open-streams.ts'
import { SilentClients } from './streaming/silent-clients.ts'

/** After a cut thousands come back at once. Whom the kernel turns away tries again only after seconds. */
const MAX_WAITING_CONNECTIONS = 4096

export interface RunningGateway {
  readonly url: string
  /** Sends every follower away and ends; nothing is lost, their cursors are theirs. */
  stop(): Promise<void>
}

export async function startGateway(config: Config, logger: Logger): Promise<RunningGateway> {
  const spine = await openSpine(config, logger)
  spine.bus.onDisconnect(() => logger.warn('The connection to NATS is gone'))
  spine.bus.onReconnect(() => logger.info('Connected to NATS again'))
  sayWhoIsLetIn(config, logger)
  const adapter = new HttpAdapter(logger, config.SPOOL_REQUEST_TIMEOUT_MS)
  const app = await NestFactory.create<NestFastifyApplication>(GatewayModule.on(spine, config, logger), adapter, {
    bodyParser: false,
    logger: nestLogger(logger),
    abortOnError: false,
  })
  const http = adapter.getInstance()
  parseJsonBodies(http, app.get(LIMITS))
  takeFiles(http)
  routeUpgrades(http)
  app.get(Routes).listen(http)
  addHooks(http, app.get(Admission), new Cors(config.SPOOL_CORS_ORIGINS), app.get(Draining), logger)
  app.useGlobalFilters(app.get(ProblemFilter))
  await app.listen({ port: config.PORT, host: config.HOST, backlog: MAX_WAITING_CONNECTIONS })
  const { port } = http.server.address() as AddressInfo
  app.get(SilentClients).watch(port)
  return {
    url: `http://${config.HOST}:${port}`,
    stop: async () => {
      app.get(Draining).begin()
      app.get(OpenStreams).sendAllAway()
      await app.close()
      await closeSpine(spine)
    },
  }
}
