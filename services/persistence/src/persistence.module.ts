import { type DynamicModule, Module } from '@nestjs/common'
import type { Log } from '@spool/log'
import type { Logger } from '@spool/telemetry'
import { Answers } from './answering/answers.ts'
import { ArchiveController } from './answering/archive.controller.ts'
import { BlobsController } from './answering/blobs.controller.ts'
import type { CheckpointWatch } from './answering/checkpoint-watch.ts'
import { SnapshotsController } from './answering/snapshots.controller.ts'
import type { Database } from '@spool/store'
import { EraseController } from './erasing/erase.controller.ts'
import { MemoriesController } from './remembering/memories.controller.ts'
import { SearchController } from './searching/search.controller.ts'
import { CHECKPOINT_WATCH, DATABASE, LOG, LOGGER, SHARDS } from './tokens.ts'

export interface PersistenceParts {
  database: Database
  /** Opened while all else is being loaded. */
  log: Promise<Log>
  watch: CheckpointWatch
  shards: number
  logger: Logger
}

@Module({
  controllers: [
    ArchiveController,
    BlobsController,
    SnapshotsController,
    MemoriesController,
    SearchController,
    EraseController,
  ],
  providers: [Answers],
})
export class PersistenceModule {
  static with({ database, log, watch, shards, logger }: PersistenceParts): DynamicModule {
    return {
      module: PersistenceModule,
      providers: [
        { provide: DATABASE, useValue: database },
        { provide: LOG, useFactory: () => log },
        { provide: CHECKPOINT_WATCH, useValue: watch },
        { provide: SHARDS, useValue: shards },
        { provide: LOGGER, useValue: logger },
      ],
    }
  }
}
