import { type Log, type SessionRef, shardOf } from '@spool/log'
import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { checkSession } from './check-session.ts'
import { differingPieces, differingSessions, withoutTombstone } from './compare-pieces.ts'
import type { Difference } from './difference.ts'
import { MemoryFold } from './memory-fold.ts'
import { ShardWalk } from './shard-walk.ts'
import { erasedAndStored, erasedSessions, sessionsWithoutRow, storedSessions } from './stray-snapshots.ts'
import type { WalkedSession } from './walked-session.ts'

export interface Verified {
  /** Sessions with events, without the erased ones. */
  readonly sessions: number
  readonly events: number
  /** Those that the log still holds. */
  readonly inLog: number
  readonly erased: number
  /** Events that are kept and not folded, since they do not parse or do not follow. */
  readonly marked: number
  /** Events of erased sessions that lie in the log and are not kept. */
  readonly refused: number
  /** By shard: up to where was looked. */
  readonly until: readonly { readonly epoch: number; readonly seq: number }[]
  /** The first ones, in the order of the log; empty: all is as it must be. */
  readonly differences: readonly Difference[]
  /** Sessions that look different and were not looked at any more. */
  readonly unexamined: number
}

export interface VerifyOptions {
  /** Told of events that were walked. */
  readonly onProgress?: (events: number) => void
  readonly signal?: AbortSignal
}

const SESSIONS_AT_ONCE = 1000
/** Differing sessions that are told; the others are counted. */
const TOLD_SESSIONS = 10

/**
 * Compares all that is stored with all that the log holds, up to where the projection stands now, and the snapshots
 * with the fold of the events. Reads both directly and changes nothing; all may go on meanwhile.
 */
export async function verifyStored(kysely: Kysely<Schema>, log: Log, options: VerifyOptions = {}): Promise<Verified> {
  const { signal, onProgress = () => undefined } = options
  const memories = new MemoryFold()
  const differences: Difference[] = []
  const walks: ShardWalk[] = []
  for (let shard = 0; shard < log.subjects.shards; shard++) {
    const walk = new ShardWalk({ kysely, log, shard, memories, onProgress, signal })
    walks.push(walk)
    const wrong = await walk.walk()
    differences.push(...wrong.map((one) => ({ tenant: null, session: null, shard, ...one })))
  }
  const suspects = new Suspects(log.subjects.shards)
  // A log that is another one differs in everything.
  if (differences.length === 0) {
    for (const walk of walks) await compareSnapshots(kysely, walk, signal)
    for (const walk of walks) for (const session of walk.sessions.values()) suspects.addWalked(session)
    await addStrays(kysely, log, walks, suspects)
  }
  const examined = await examine(kysely, log, suspects, signal)
  differences.push(...examined.differences)
  if (differences.length === 0) {
    const until = walks.map((walk) => walk.until)
    differences.push(...(await memories.compare(kysely, log, until, (ref) => suspects.has(ref))))
  }
  const sum = (count: (walk: ShardWalk) => number) => walks.reduce((total, walk) => total + count(walk), 0)
  return {
    sessions: sum(({ sessions }) => [...sessions.values()].filter(isLiving).length),
    events: sum(({ counts }) => counts.events),
    inLog: sum(({ counts }) => counts.inLog),
    erased: await erasedSessions(kysely),
    marked: sum(({ counts }) => counts.marked),
    refused: sum(({ counts }) => counts.refused),
    until: walks.map((walk) => walk.until),
    differences,
    unexamined: examined.unexamined,
  }
}

function isLiving({ isNowhere, erasedAt }: WalkedSession): boolean {
  return !isNowhere && erasedAt === null
}

/** Sessions that are to be looked at alone, the earliest in the log first. */
class Suspects {
  private readonly found = new Map<string, { readonly ref: SessionRef; readonly seq: number }>()

  constructor(private readonly shards: number) {}

  addWalked({ key, ref, suspectAt, isNowhere }: WalkedSession): void {
    if (suspectAt !== null && !isNowhere) this.found.set(key, { ref, seq: suspectAt })
  }

  add(ref: SessionRef): void {
    const key = `${ref.tenant}/${ref.session}`
    if (!this.found.has(key)) this.found.set(key, { ref, seq: Number.MAX_SAFE_INTEGER })
  }

  has({ tenant, session }: SessionRef): boolean {
    return this.found.has(`${tenant}/${session}`)
  }

  inOrder(): SessionRef[] {
    const place = ({ ref, seq }: { ref: SessionRef; seq: number }) => ({ shard: shardOf(ref, this.shards), seq, ref })
    return [...this.found.values()]
      .map(place)
      .toSorted((a, b) => a.shard - b.shard || a.seq - b.seq)
      .map(({ ref }) => ref)
  }
}

/** What is not finished, and the sessions themselves, as they are now: those that have gone on are suspect. */
async function compareSnapshots(kysely: Kysely<Schema>, walk: ShardWalk, signal?: AbortSignal): Promise<void> {
  const all = [...walk.sessions.values()].filter((session) => session.suspectAt === null && !session.isNowhere)
  for (let at = 0; at < all.length; at += SESSIONS_AT_ONCE) {
    signal?.throwIfAborted()
    const some = all.slice(at, at + SESSIONS_AT_ONCE)
    const erased = some.filter(({ erasedAt }) => erasedAt !== null)
    const living = some.filter(({ erasedAt, state }) => erasedAt === null && state.seq > 0)
    const [headers, pieces, stones] = await Promise.all([
      differingSessions(kysely, living),
      differingPieces(
        kysely,
        living.flatMap((session) => session.open()),
      ),
      withoutTombstone(kysely, erased),
    ])
    for (const session of [...headers, ...stones]) session.suspect(session.erasedAt ?? session.state.firstSeq)
    for (const { of, firstSeq } of pieces) of.suspect(firstSeq)
  }
}

async function addStrays(
  kysely: Kysely<Schema>,
  log: Log,
  walks: readonly ShardWalk[],
  suspects: Suspects,
): Promise<void> {
  const { shards } = log.subjects
  for await (const page of storedSessions(kysely)) {
    for (const ref of page) {
      const shard = shardOf(ref, shards)
      if (!walks[shard]!.sessions.has(`log.${shard}.${ref.tenant}.${ref.session}`)) suspects.add(ref)
    }
  }
  for (const ref of await sessionsWithoutRow(kysely)) suspects.add(ref)
  for (const ref of await erasedAndStored(kysely)) suspects.add(ref)
}

async function examine(
  kysely: Kysely<Schema>,
  log: Log,
  suspects: Suspects,
  signal?: AbortSignal,
): Promise<{ differences: Difference[]; unexamined: number }> {
  const refs = suspects.inOrder()
  const differences: Difference[] = []
  let differing = 0
  for (const [index, ref] of refs.entries()) {
    signal?.throwIfAborted()
    const checked = await checkSession(kysely, log, ref)
    differences.push(...checked.differences)
    if (checked.differences.length > 0) differing++
    if (differing >= TOLD_SESSIONS) return { differences, unexamined: refs.length - index - 1 }
  }
  return { differences, unexamined: 0 }
}
