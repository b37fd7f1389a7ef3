import {
  ArchiveOverNats,
  askReady,
  type DeploymentStatus,
  deploymentStatus,
  Log,
  type LogStreamStatus,
  Queries,
  type StreamStatus,
} from '@spool/log'
import type { Database } from '@spool/store'
import type { Context } from '../command.ts'
import { ExitCode } from '../exit-codes.ts'
import { duration } from '../rendering/amounts.ts'
import { table } from '../output/table.ts'
import { isFull, sizeOf } from './room.ts'
import { type ShardState, shardState } from './shard-state.ts'

export async function status(context: Context): Promise<ExitCode> {
  const { connections, output } = context
  const { shards } = connections.settings
  const bus = await connections.bus()
  const found = await deploymentStatus(bus, shards)
  const database = await databaseOrWhyNot(context)
  const rows: string[][] = [['LOG', 'EPOCH', 'POSITIONS', 'EVENTS', 'SIZE', 'STORED UP TO', 'NOT STORED', 'REPLICAS']]
  const problems: string[] = []
  let isDiverged = false
  let log: Log | null = null
  for (const [shard, stream] of found.logs.entries()) {
    if (stream === null) {
      problems.push(`Shard ${shard} has no stream: NATS is empty, or another one. Start the provisioner, or restore.`)
      output.data({ kind: 'log', shard, missing: true })
      isDiverged = true
      continue
    }
    log ??= await Log.open(bus, new ArchiveOverNats(new Queries(bus)), shards)
    const state = typeof database === 'string' ? database : await stateOrWhyNot(database, log, shard)
    const known = typeof state === 'string' ? null : state
    const why = typeof state === 'string' ? state : null
    output.data({ kind: 'log', ...shownLog(stream), ...(known === null ? { unknown: why } : shownState(known)) })
    rows.push(rowOf(stream, known))
    if (stream.frozen) problems.push(`${stream.name} takes no events: a restore was broken off. Run: spool log restore`)
    else if (isFull(stream)) {
      problems.push(
        `${stream.name} is full (${sizeOf(stream)}): appends wait until persistence has stored what it holds.`,
      )
    }
    if (known?.diverged) {
      isDiverged = true
      problems.push(`${stream.name}: ${known.diverged}`, wouldDo(stream, known))
    }
    if (stream.leader === null && stream.replicas > 1)
      problems.push(`${stream.name} has no leader: nothing is appended.`)
    if (stream.lagging.length > 0) problems.push(`${stream.name} is behind on ${stream.lagging.join(', ')}.`)
    if (why !== null) problems.push(`How far ${stream.name} is stored cannot be told: ${why}`)
  }
  const persistence = await askReady(bus, 'persistence')
  output.data({ kind: 'persistence', ...persistence })
  if (!persistence.ok) problems.push(`Persistence is not ready: ${persistence.detail ?? 'it does not say why'}`)
  for (const stream of [...found.queues, ...found.stores]) {
    if (isFull(stream)) problems.push(`${stream.name} is full (${sizeOf(stream)}): it takes nothing more.`)
  }
  sayQueues(context, found)
  const lines = [...table(rows), '', ...queueLines(found), '', ...storeLines(found)]
  for (const line of lines) output.line(line)
  for (const problem of problems) output.line(`\n${output.colour('red', '!')} ${problem}`)
  return isDiverged ? ExitCode.failed : ExitCode.done
}

async function databaseOrWhyNot({ connections }: Context): Promise<Database | string> {
  try {
    return await connections.database()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

async function stateOrWhyNot(database: Database, log: Log, shard: number): Promise<ShardState | string> {
  try {
    return await shardState(database, log, shard)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** What a restore would do. */
function wouldDo({ name, lastSeq, epoch }: LogStreamStatus, { stored }: ShardState): string {
  const next = Math.max(epoch, stored?.epoch ?? 0) + 1
  const beyond = Math.max(lastSeq, stored?.seq ?? 0)
  return `\`spool log restore\` saves what ${name} holds and is not stored to a file, and lets it go on in epoch ${next}, about 1,000,000 behind position ${count(beyond)}.`
}

function rowOf(stream: LogStreamStatus, state: ShardState | null): string[] {
  const { name, epoch, firstSeq, lastSeq, messages, replicas, leader } = stream
  const stored = state?.stored
  return [
    name,
    String(epoch),
    messages === 0 ? `none, next ${count(lastSeq + 1)}` : `${count(firstSeq)}-${count(lastSeq)}`,
    count(messages),
    sizeOf(stream),
    stored === undefined ? '?' : stored === null ? 'nothing' : `${stored.epoch}-${stored.seq}`,
    state === null ? '?' : state.lagEvents === 0 ? '0' : `${count(state.lagEvents)}, for ${duration(state.lagMs)}`,
    replicas === 1 ? '1' : `${replicas}, led by ${leader ?? 'nobody'}`,
  ]
}

function queueLines({ queues }: DeploymentStatus): string[] {
  const rows = queues.flatMap(({ name, consumers, ...stream }) =>
    consumers.map((consumer, index) => [
      index === 0 ? name : '',
      index === 0 ? sizeOf(stream) : '',
      consumer.name,
      count(consumer.waiting),
      count(consumer.open),
      count(consumer.redelivered),
    ]),
  )
  return table([['QUEUE', 'SIZE', 'JOBS', 'WAITING', 'IN WORK', 'REDELIVERED'], ...rows])
}

function storeLines({ stores }: DeploymentStatus): string[] {
  return table([['STORE', 'SIZE', 'MESSAGES'], ...stores.map((one) => [one.name, sizeOf(one), count(one.messages)])])
}

function sayQueues({ output }: Context, { queues, stores }: DeploymentStatus): void {
  for (const { consumers, ...stream } of queues) output.data({ kind: 'queue', ...shown(stream), consumers })
  for (const stream of stores) output.data({ kind: 'store', ...shown(stream) })
}

function shown({ name, messages, bytes, maxBytes, replicas, leader, lagging }: StreamStatus) {
  return { name, messages, bytes, max_bytes: maxBytes, replicas, leader, lagging }
}

function shownLog(stream: LogStreamStatus) {
  const { shard, epoch, firstSeq, lastSeq, frozen } = stream
  return { shard, ...shown(stream), epoch, first: firstSeq, last: lastSeq, frozen }
}

function shownState({ stored, diverged, lagEvents, lagMs }: ShardState) {
  const checkpoint = stored === null ? null : { epoch: stored.epoch, seq: stored.seq, stored_at: stored.storedAt }
  return { checkpoint, diverged, lag_events: lagEvents, lag_seconds: Math.round(lagMs / 100) / 10 }
}

const count = (number: number) => number.toLocaleString('en')
