import { type DynamicModule, Module } from '@nestjs/common'
import type { Logger } from '@spool/telemetry'
import { Answers } from './answering/answers.ts'
import { ArchiveController } from './answering/archive.controller.ts'
import type { CheckpointWatch } from './answering/checkpoint-watch.ts'
import { SnapshotsController } from './answering/snapshots.controller.ts'
import type { Database } from './database/open-database.ts'
import { CHECKPOINT_WATCH, DATABASE, LOGGER, SHARDS } from './tokens.ts'

export interface PersistenceParts {
  database: Database
  watch: CheckpointWatch
  shards: number
  logger: Logger
}

@Module({ controllers: [ArchiveController, SnapshotsController], providers: [Answers] })
export class PersistenceModule {
  static with({ database, watch, shards, logger }: PersistenceParts): DynamicModule {
    return {
      module: PersistenceModule,
      providers: [
        { provide: DATABASE, useValue: database },
        { provide: CHECKPOINT_WATCH, useValue: watch },
        { provide: SHARDS, useValue: shards },
        { provide: LOGGER, useValue: logger },
      ],
    }
  }
}
