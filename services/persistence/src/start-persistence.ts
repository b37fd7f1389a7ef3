import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import { type MicroserviceOptions, Transport } from '@nestjs/microservices'
import { ArchiveOverNats, answerReady, Bus, busReadiness, Log, natsAddress, Queries } from '@spool/log'
import { type Logger, type RunningService, nestLogger } from '@spool/telemetry'
import { CheckpointWatch } from './answering/checkpoint-watch.ts'
import { QueryDeserializer } from './answering/query-deserializer.ts'
import type { Config } from './config.ts'
import { BlobCopier } from './copying/blob-copier.ts'
import { removeAbandonedRebuilds } from './erasing/abandoned-rebuilds.ts'
import { openDatabase } from '@spool/store'
import { observeProjectors, observeRoom } from './measuring/observe-projectors.ts'
import { PersistenceModule } from './persistence.module.ts'
import { Projector } from './projecting/projector.ts'
import { ReadinessCheck } from './readiness.ts'
import { Retainer } from './retaining/retainer.ts'
import { Sweeper } from './sweeping/sweeper.ts'
import { waitForDatabase, waitForStreams } from './waiting-for.ts'

/** Runs until the signal is aborted. NATS and Postgres may come late and go at any time. */
export async function startPersistence(config: Config, logger: Logger, signal: AbortSignal): Promise<RunningService> {
  const servers = config.NATS_URL.join(',')
  const instance = config.SPOOL_INSTANCE
  const database = openDatabase({
    url: config.DATABASE_URL,
    name: instance,
    connections: config.SPOOL_DATABASE_CONNECTIONS,
    onError: (error) => logger.warn({ err: error }, 'A connection to Postgres broke'),
  })
  const watch = new CheckpointWatch(database.kysely)
  const opened = Promise.withResolvers<Log>()
  const answering = NestFactory.createMicroservice<MicroserviceOptions>(
    PersistenceModule.with({ database, log: opened.promise, watch, shards: config.SPOOL_SHARDS, logger }),
    {
      logger: nestLogger(logger),
      transport: Transport.NATS,
      options: {
        ...natsAddress(config.NATS_URL),
        name: `${instance} queries`,
        queue: 'persistence',
        deserializer: new QueryDeserializer(),
        maxReconnectAttempts: -1,
        reconnectTimeWait: 250,
        waitOnFirstConnect: true,
      },
    },
  )
  const aborted = new Promise<null>((resolve) => {
    if (signal.aborted) resolve(null)
    else signal.addEventListener('abort', () => resolve(null), { once: true })
  })
  const onForbidden = ({ message }: Error) => logger.error(message)
  const bus = await Promise.race([Bus.connect({ servers, name: instance, onForbidden }), aborted])
  if (bus === null) return { stop: async () => undefined }
  if ((await waitForStreams(bus, logger, signal)) === null) return { stop: () => bus.close() }
  const log = await Log.open(bus, new ArchiveOverNats(new Queries(bus)), config.SPOOL_SHARDS)
  opened.resolve(log)

  const projectors = Array.from(
    { length: config.SPOOL_SHARDS },
    (_, shard) =>
      new Projector({
        log,
        logger,
        instance,
        shard,
        databaseUrl: config.DATABASE_URL,
        leaseMs: config.SPOOL_LEASE_MS,
        onStored: (stored, seq) => watch.saw(stored, seq),
      }),
  )
  const readiness = new ReadinessCheck(database, projectors)
  observeProjectors(projectors)
  answerReady(bus, 'persistence', () => (bus.deafTo === null ? readiness.check() : busReadiness(bus)))
  await waitForDatabase(readiness, logger, signal)

  const app = await answering
  await app.listen()
  const { SPOOL_SWEEP_IDLE_MS: idleMs, SPOOL_PRODUCER_SILENT_MS: silentMs } = config
  const sweeper = new Sweeper({ log, database, projectors, idleMs, silentMs, logger })
  const copier = new BlobCopier({ log, database, projectors, hotWindowMs: config.SPOOL_HOT_WINDOW_MS, logger })
  const retainer = new Retainer({ log, database, projectors, hotWindowMs: config.SPOOL_HOT_WINDOW_MS, logger })
  observeRoom(retainer)
  const work = [
    ...projectors.map((projector) => projector.run(signal)),
    sweeper.run(signal),
    copier.run(signal),
    retainer.run(signal),
    removeAbandonedRebuilds(database, projectors, logger, signal),
  ]
  return {
    async stop() {
      await Promise.all(work)
      await app.close()
      await bus.close()
      await database.close()
    },
  }
}
