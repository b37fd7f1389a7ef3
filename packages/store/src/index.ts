export { lookAtLog, type LookAtLog } from './comparing/look-at-log.ts'
export { storedLog } from './comparing/stored-log.ts'
export { type StoredShard, storedShard } from './comparing/stored-shard.ts'
export { LogDiverged, startingPoint } from './comparing/starting-point.ts'
export { connectionOptions } from './database/connection-options.ts'
export { type Database, openDatabase } from './database/open-database.ts'
export { isBadData, isUnreachable } from './database/postgres-errors.ts'
export type { Schema } from './database/schema.ts'
export { afterwards, duePieces } from './folding/due-pieces.ts'
export { foldBatch, type FoldedBatch } from './folding/fold-batch.ts'
export { type KnownSession, remembered } from './folding/known-session.ts'
export { placedInSession } from './folding/placed-in-session.ts'
export type { SessionHeader } from './folding/session-header.ts'
export { withText } from './folding/stored-message.ts'
export { catchUp } from './loading/assemble-session.ts'
export { type ChainRow, eventOfRow, foldRow } from './loading/fold-text.ts'
export { chainRows } from './loading/chain-rows.ts'
export { inOneView } from './loading/in-one-view.ts'
export { loadSessionAt } from './loading/session-at.ts'
export { erasedSessions } from './loading/erased-sessions.ts'
export { openSessions, sessionKey } from './loading/open-sessions.ts'
export { chainTail, isOnChain, placeOnChain, readChain, storedHeights } from './loading/read-chain.ts'
export { StoreArchive } from './loading/store-archive.ts'
export { type LoadedSession, loadSession, type WhatToLoad } from './loading/whole-session.ts'
export { migrate, missingMigrations } from './migrations/migrate-database.ts'
export {
  type Checkpoint,
  CheckpointMoved,
  markDiverged,
  moveCheckpoint,
  readCheckpoint,
  SnapshotsRebuilt,
  type StoredPlace,
} from './storing/checkpoint.ts'
export { eraseMemories, eraseSession } from './storing/erase-session.ts'
export { insertEvents } from './storing/insert-events.ts'
export { allBeginning, anyOf, ofTenant } from './storing/lexemes.ts'
export { PositionTaken } from './storing/position-taken.ts'
export { storableId, storableInstant, storableText } from './storing/storable.ts'
export { forget, writeMemories } from './storing/write-memories.ts'
export { writePieces } from './storing/write-pieces.ts'
export { ownerOf } from './storing/memory-owner.ts'
export {
  type BlobRef,
  blobsToCopy,
  blobsToLeave,
  chunkOfBlob,
  copiedBlob,
  copyBlob,
  markBlobLeft,
  markBlobLost,
} from './storing/copy-blob.ts'
export { nameBlobs, type NamedBlob } from './storing/name-blobs.ts'
export { ALL_PROJECTIONS, type Projection } from './rebuilding/projections.ts'
export { RebuildRefused } from './rebuilding/rebuild-problems.ts'
export { dropAbandonedRebuild, rebuild, type Rebuilt } from './rebuilding/rebuild.ts'
export { type CheckedSession, checkSession } from './verifying/check-session.ts'
export type { Difference } from './verifying/difference.ts'
export { storedEvents } from './verifying/stored-events.ts'
export { type Verified, verifyStored } from './verifying/verify-stored.ts'
export { behindLog } from './exporting/behind-log.ts'
export { ChainBroken } from './exporting/chain-fault.ts'
export * from './exporting/export-lines.ts'
export { type ExportedSession, exportSession } from './exporting/export-session.ts'
export { sessionsOfTenant } from './exporting/sessions-of-tenant.ts'
