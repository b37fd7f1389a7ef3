import type { Migration } from 'kysely/migration'
import * as eventsAndSnapshots from './0001_events_and_snapshots.ts'
import * as memories from './0002_memories.ts'
import * as sessionsAtWork from './0003_sessions_at_work.ts'
import * as search from './0004_search.ts'
import * as blobs from './0005_blobs.ts'
import * as generations from './0006_generations.ts'
import * as whatTheSweepReads from './0007_what_the_sweep_reads.ts'

/** Every step, in order. A list, not a folder that is searched: what is built is what runs. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001_events_and_snapshots': eventsAndSnapshots,
  '0002_memories': memories,
  '0003_sessions_at_work': sessionsAtWork,
  '0004_search': search,
  '0005_blobs': blobs,
  '0006_generations': generations,
  '0007_what_the_sweep_reads': whatTheSweepReads,
}
