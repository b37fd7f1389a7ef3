export { KeyWatch } from './admitting/key-watch.ts'
export { createKey, grantKey, hashKey, type KeyGrant, listKeys, revokeKey, type StoredKey } from './admitting/keys.ts'
export { isScope, type Scope, SCOPES } from './admitting/scopes.ts'
export { ticketSecret } from './admitting/ticket-secret.ts'
export { type Archive, type ArchiveTail } from './archive/archive.ts'
export {
  type ArchivedEvent,
  type ArchivedPage,
  ArchiveOverNats,
  storedFromArchive,
} from './archive/archive-over-nats.ts'
export { Queries, QueryRefused } from './archive/queries.ts'
export { AppendPace } from './appending/append-pace.ts'
export { announce, announceDone, NoticeListener, type NoticeReason } from './appending/notice.ts'
export { type Appended, ChainWriter, type Draft, type WriterOptions } from './appending/chain-writer.ts'
export { NaturalBatch } from './appending/natural-batch.ts'
export { type Standing, StreamWriter, type StreamWriterOptions } from './appending/stream-writer.ts'
export { BlobArchive } from './blobs/blob-archive.ts'
export { type Blob, Blobs, MAX_BLOB_BYTES, type OpenBlob } from './blobs/blobs.ts'
export { Bus, type BusOptions } from './connecting/bus.ts'
export { natsAddress } from './connecting/nats-address.ts'
export { assertServerVersion, compareVersions, SERVER_FLOOR } from './connecting/server-version.ts'
export { onErased } from './erasing/announce-erased.ts'
export { deleteEvent } from './erasing/delete-event.ts'
export { eraseContent } from './erasing/erase-content.ts'
export * from './errors.ts'
export { Feed } from './following/feed.ts'
export { type Deliver, FeedReader } from './following/feed-reader.ts'
export { follow } from './following/follow.ts'
export { frameOf, publicBody, readableBody } from './following/frame.ts'
export { answerFollowers, askFollowers } from './following/followers.ts'
export { Hub } from './following/hub.ts'
export { RunTracker } from './following/run-tracker.ts'
export { ClosedWindow, RunWindow, type Selection, WholeSession } from './following/selection.ts'
export { SessionCache } from './loading/session-cache.ts'
export { foldStored, SessionLoader } from './loading/session-loader.ts'
export { type Cursor, Log } from './log.ts'
export { openLog, readinessOf } from './open-log.ts'
export {
  type DeploymentStatus,
  deploymentStatus,
  type LogStreamStatus,
  type QueueStreamStatus,
  type StreamStatus,
} from './inspecting/stream-status.ts'
export { isId, sameSession, type SessionRef, shardOf } from './naming/session-ref.ts'
export { type ControlKind, logStreamName, sessionOfLogSubject, Subjects, type WorkKind } from './naming/subjects.ts'
export { type Deployment, openDeployment, readDeployment } from './provisioning/deployment.ts'
export { provision } from './provisioning/provision.ts'
export { type DeploymentSettings, DEFAULT_SETTINGS, type QueueName, QUEUES } from './provisioning/stream-settings.ts'
export { Delivery, DONE, NOT_MINE, type Settlement } from './queues/delivery.ts'
export { dropJob } from './queues/drop-job.ts'
export { JobFailures } from './queues/job-failures.ts'
export { type JobState, jobStates, queueProgress, type QueueProgress } from './queues/job-states.ts'
export { enqueue, publishJob } from './queues/publish-job.ts'
export { oldestRequest } from './queues/oldest-request.ts'
export { type JobHandler, QueueConsumer } from './queues/queue-consumer.ts'
export { type SeenThrough, seeThrough, settlementOf } from './queues/see-through.ts'
export { QUEUE_TRANSPORT, QueueServer, type QueueServerOptions } from './queues/queue-server.ts'
export {
  type JobFilter,
  QUEUE_STREAMS,
  type QueuedJob,
  queuedJobAt,
  queuedJobs,
  type QueueStream,
} from './queues/queued-jobs.ts'
export { queuedRuns } from './queues/queued-runs.ts'
export { requeueJob } from './queues/requeue-job.ts'
export { Worker } from './queues/worker.ts'
export { askWorkers, type WorkerStatus } from './queues/worker-status.ts'
export { eventAt } from './reading/event-at.ts'
export type { CancelRequest, ConfirmRequest, ForkReply, ForkRequest, Reply, RunRequest } from './requests/requests.ts'
export { lightenRequest, wholeRequest } from './requests/large-request.ts'
export { answer, REPLY_HEADER, ReplyInbox } from './requests/reply-inbox.ts'
export { answerReady, askReady, busReadiness, type Readiness } from './connecting/readiness.ts'
export type { AgentsStatus, AgentStatus } from './connecting/agents-status.ts'
export type { ProxyStatus, RouteStatus } from './connecting/route-status.ts'
export { answerStatus, askStatuses, type AskingLimits } from './connecting/status.ts'
export {
  endsErased,
  eventIdAt,
  firstFrom,
  readStream,
  type StreamedEvent,
  type StreamExtent,
  streamExtent,
} from './reading/whole-stream.ts'
export { fullness, type LogRoom, logRoom } from './retaining/log-room.ts'
export { purgeBefore } from './retaining/purge-before.ts'
export { endInStream, sessionInStream } from './reading/session-in-stream.ts'
export type { PulledEvent } from './reading/pulled-events.ts'
export { streamPages } from './reading/stream-pages.ts'
export { announceDiverged } from './restoring/notices.ts'
export {
  finishRestoring,
  type Keep,
  type RawEvent,
  restoreShard,
  type Restored,
  type RestoreStep,
  type StoredLog,
} from './restoring/restore-shard.ts'
export { currentTrace, inTrace } from './tracing/trace-parent.ts'
export { Header, StoredEvent } from './stored-event.ts'
