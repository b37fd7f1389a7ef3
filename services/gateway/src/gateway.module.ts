import { type DynamicModule, Module } from '@nestjs/common'
import { loadLimits } from '@spool/config'
import type { Logger } from '@spool/telemetry'
import { Admission } from './admitting/admission.ts'
import { RoomWatch } from './admitting/room-watch.ts'
import { TokenVerifier } from './admitting/token-verifier.ts'
import { BlobsController } from './blobs/blobs.controller.ts'
import { UploadController } from './blobs/upload.controller.ts'
import { AgentsController } from './agents/agents.controller.ts'
import { CancelController } from './cancelling/cancel.controller.ts'
import { Cancels } from './cancelling/cancels.ts'
import { Disconnects } from './cancelling/disconnects.ts'
import type { Config } from './config.ts'
import { Chats } from './dialects/chats.ts'
import { dialectControllers } from './dialects/dialect-controllers.ts'
import { Resumptions } from './dialects/resumptions.ts'
import { viewControllers } from './dialects/view-controllers.ts'
import { Views } from './dialects/views.ts'
import { ConfirmController } from './confirming/confirm.controller.ts'
import { Confirmations } from './confirming/confirmations.ts'
import { DescribingController } from './describing/describing.controller.ts'
import { Routes } from './describing/routes.ts'
import { EraseController } from './erasing/erase.controller.ts'
import { ForkController } from './forking/fork.controller.ts'
import { Forks } from './forking/forks.ts'
import { HealthController } from './health/health.controller.ts'
import { Readiness } from './health/readiness.ts'
import { StatusReport } from './health/status-report.ts'
import { RequestLimit } from './limiting/request-limit.ts'
import { RunLimit } from './limiting/run-limit.ts'
import { StreamLimit } from './limiting/stream-limit.ts'
import { Memories } from './memories/memories.ts'
import { MemoriesController } from './memories/memories.controller.ts'
import { ProblemFilter } from './problems/problem-filter.ts'
import { Producers } from './producing/producers.ts'
import { PullController } from './producing/pull.controller.ts'
import { PulledMessages } from './producing/pulled-messages.ts'
import { ProducingController } from './producing/producing.controller.ts'
import { SessionsController } from './reading/sessions.controller.ts'
import { Snapshots } from './reading/snapshots.ts'
import { Told } from './reading/told.ts'
import { SessionStates } from './producing/session-states.ts'
import { SearchController } from './searching/search.controller.ts'
import { Draining } from './serving/draining.ts'
import { SignalsController } from './signalling/signals.controller.ts'
import type { Spine } from './spine.ts'
import { Operations } from './socketing/operations.ts'
import { SocketController } from './socketing/socket.controller.ts'
import { Sockets } from './socketing/sockets.ts'
import { FinishedRuns } from './starting/finished-runs.ts'
import { RunsController } from './starting/runs.controller.ts'
import { Starts } from './starting/starts.ts'
import { EventsController } from './streaming/events.controller.ts'
import { OpenStreams } from './streaming/open-streams.ts'
import { PositionChecks } from './streaming/position-checks.ts'
import { Resumption } from './streaming/resumption.ts'
import { RunLocator } from './streaming/run-locator.ts'
import { RunStreams } from './streaming/run-streams.ts'
import { SilentClients } from './streaming/silent-clients.ts'
import { Tickets } from './ticketing/tickets.ts'
import { TicketsController } from './ticketing/tickets.controller.ts'
import { BUS, CONFIG, HUB, KEYS, LIMITS, LOG, LOGGER, QUERIES } from './tokens.ts'

@Module({})
export class GatewayModule {
  static on(spine: Spine, config: Config, logger: Logger): DynamicModule {
    return {
      module: GatewayModule,
      controllers: [
        RunsController,
        EventsController,
        SessionsController,
        ProducingController,
        PullController,
        SignalsController,
        CancelController,
        ConfirmController,
        ForkController,
        BlobsController,
        UploadController,
        AgentsController,
        MemoriesController,
        SearchController,
        EraseController,
        HealthController,
        DescribingController,
        SocketController,
        TicketsController,
        ...dialectControllers,
        ...viewControllers,
      ],
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: LOGGER, useValue: logger },
        { provide: BUS, useValue: spine.bus },
        { provide: LOG, useValue: spine.log },
        { provide: HUB, useValue: spine.hub },
        { provide: QUERIES, useValue: spine.queries },
        { provide: KEYS, useValue: spine.keys },
        { provide: LIMITS, useFactory: () => loadLimits({ SPOOL_CONFIG: config.SPOOL_CONFIG }) },
        Admission,
        Cancels,
        Chats,
        Confirmations,
        Disconnects,
        Draining,
        FinishedRuns,
        Forks,
        Memories,
        OpenStreams,
        Operations,
        PositionChecks,
        ProblemFilter,
        Producers,
        PulledMessages,
        Readiness,
        RequestLimit,
        Resumption,
        Resumptions,
        RoomWatch,
        Routes,
        RunLimit,
        RunLocator,
        RunStreams,
        SilentClients,
        SessionStates,
        Snapshots,
        Sockets,
        Starts,
        StatusReport,
        StreamLimit,
        Tickets,
        TokenVerifier,
        Told,
        Views,
      ],
    }
  }
}
