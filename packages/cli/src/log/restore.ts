import { resolve } from 'node:path'
import {
  ArchiveOverNats,
  type Bus,
  deploymentStatus,
  finishRestoring,
  Log,
  provision,
  Queries,
  restoreShard,
} from '@spool/log'
import { type Database, storedLog } from '@spool/store'
import { sql } from 'kysely'
import type { Context } from '../command.ts'
import type { ExitCode } from '../exit-codes.ts'
import { agree } from '../jobs/agree.ts'
import { failed, usageProblem } from '../problem.ts'
import { EventFile } from './event-file.ts'
import { type ShardState, shardState } from './shard-state.ts'

/** One holds the lock, one reads. */
const CONNECTIONS = 3
/** "spool", and nobody else's: shards have their own. */
const LOCK = [0x5b001, -1] as const
const STORED_WITHIN_MS = 10_000
const LOOK_EVERY_MS = 100

interface Work extends ShardState {
  readonly shard: number
  /** Repaired already, and only not thawed. */
  readonly isDone: boolean
}

export async function restore(context: Context): Promise<ExitCode | void> {
  const { connections, output } = context
  const { shards } = connections.settings
  const database = await connections.database(CONNECTIONS)
  const bus = await connections.bus()
  await withLock(database, async () => {
    const log = await openLog(context, bus, shards)
    const work = await workToDo(context, database, log)
    if (work.length > 1 && context.given.text('save') !== undefined) {
      throw usageProblem(
        `${work.length} shards are to be restored, and each needs a file of its own: leave --save out.`,
      )
    }
    for (const { shard, diverged, isDone } of work) {
      output.note(`Shard ${shard}: ${isDone ? 'a restore was broken off' : (diverged ?? 'nothing is wrong')}`)
    }
    const question = 'Save what is not stored to a file, remove it from NATS, and begin a new epoch?'
    if (!(await agree(context, question))) throw failed('Nothing was done.')
    for (const one of work) await restoreOne(context, database, log, one)
  })
}

async function restoreOne(context: Context, database: Database, log: Log, work: Work): Promise<void> {
  const { output, given, signal } = context
  const { shard } = work
  const place = { shard, shards: log.subjects.shards }
  if (work.isDone) {
    await finishRestoring(log.bus, place)
    output.data({ shard, finished: true })
    return output.line(`Shard ${shard} takes events again.`)
  }
  const time = new Date().toISOString().replaceAll(/[:.]/g, '-')
  const path = resolve(given.text('save') ?? `spool-log-${shard}-${time}.jsonl`)
  const progress = output.progress('saved')
  const file = new EventFile(path, shard, (count) => progress.add(count))
  const { epoch, first, saved, heard } = await restoreShard(
    log.bus,
    place,
    storedLog(database.kysely, shard),
    file,
    async (step) => {
      // From here on it is better brought to its end.
      if (step !== 'thawed' && step !== 'emptied' && step !== 'named') signal.throwIfAborted()
      if (step === 'frozen' && work.diverged === null) await untilStored(database, log, shard)
    },
  ).finally(() => progress.end())
  // This one hears itself.
  const others = Math.max(0, heard - 1)
  output.data({ shard, epoch, first, saved, file: saved === 0 ? null : path, processes_told: others })
  const kept = saved === 0 ? 'NATS held nothing that is not stored.' : `${saved} events that are not stored: ${path}`
  output.line(`Shard ${shard} goes on in epoch ${epoch}, from position ${first}. ${kept}`)
}

/** Which shards there is something to do for. */
async function workToDo({ given }: Context, database: Database, log: Log): Promise<Work[]> {
  const { logs } = await deploymentStatus(log.bus, log.subjects.shards)
  const work: Work[] = []
  for (const [shard, stream] of logs.entries()) {
    const state = await shardState(database, log, shard)
    const isDone = state.diverged === null && stream?.frozen === true
    if (state.diverged !== null || isDone || given.flag('force')) work.push({ shard, ...state, isDone })
  }
  if (work.length > 0) return work
  throw failed('The log is the one that is stored. There is nothing to restore, and nothing was done.')
}

/** A disk that was lost may have taken all streams with it. */
async function openLog({ connections, output }: Context, bus: Bus, shards: number): Promise<Log> {
  const { replicas, logMaxBytes } = connections.settings
  const { logs } = await deploymentStatus(bus, shards)
  if (logs.includes(null)) {
    await provision(bus, { shards, ...(replicas && { replicas }), ...(logMaxBytes && { logMaxBytes }) })
    output.note('NATS held no streams of Spool: they were made anew.')
  }
  return Log.open(bus, new ArchiveOverNats(new Queries(bus)), shards)
}

/** Nothing is lost of a log that is the stored one: persistence has what it holds before it goes. */
async function untilStored(database: Database, log: Log, shard: number): Promise<void> {
  for (const giveUpAtMs = Date.now() + STORED_WITHIN_MS; Date.now() < giveUpAtMs;) {
    if ((await shardState(database, log, shard)).lagEvents === 0) return
    await new Promise((wake) => setTimeout(wake, LOOK_EVERY_MS))
  }
  await finishRestoring(log.bus, { shard, shards: log.subjects.shards })
  throw failed(`Shard ${shard} is not stored up to its end. Start persistence, and try again. Nothing was removed.`)
}

/** Two at once would each begin an epoch, and the second throw away what the first has made room for. */
async function withLock(database: Database, work: () => Promise<void>): Promise<void> {
  await database.kysely.connection().execute(async (holder) => {
    const { rows } = await sql<{ got: boolean }>`select pg_try_advisory_lock(${LOCK[0]}, ${LOCK[1]}) as got`.execute(
      holder,
    )
    if (rows[0]?.got !== true) throw failed('Somebody else is restoring this log at the moment.')
    try {
      await work()
    } finally {
      await sql`select pg_advisory_unlock(${LOCK[0]}, ${LOCK[1]})`.execute(holder)
    }
  })
}
