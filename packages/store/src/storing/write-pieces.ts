import { isOpenCall, isOpenMessage, isOpenRun } from '@spool/events'
import type { SessionRef } from '@spool/log'
import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { runDeadline } from '../folding/deadlines.ts'
import type { DuePieces } from '../folding/due-pieces.ts'
import type { SessionChange } from '../folding/fold-batch.ts'
import { headerOf } from '../folding/session-header.ts'
import { withoutText } from '../folding/stored-message.ts'
import { storableMs } from './storable.ts'
import { upsert } from './upsert.ts'
import { saidOf, writeTerms } from './write-terms.ts'

export interface DueChange {
  readonly change: SessionChange
  readonly due: DuePieces
}

/** Writes the snapshots of all sessions of a batch, whose events are stored: at most one statement per table. */
export async function writePieces(trx: Kysely<Schema>, shard: number, all: readonly DueChange[]): Promise<void> {
  const each = <Piece, Row>(
    pieces: (due: DuePieces) => readonly Piece[],
    row: (piece: Piece, ref: SessionRef) => Row,
  ) =>
    all.flatMap(({ change, due }) =>
      pieces(due).map((piece) => ({ ...sessionOf(change.ref), ...row(piece, change.ref) })),
    )

  await upsert(trx, {
    table: 'sessions',
    columns: {
      tenant: 'text',
      session: 'text',
      shard: 'smallint',
      epoch: 'integer',
      seq: 'bigint',
      phase: 'text',
      at_work: 'boolean',
      active_run: 'text',
      started_at: 'timestamptz',
      state: 'json',
    },
    key: ['tenant', 'session'],
    set: ['epoch', 'seq', 'phase', 'at_work', 'active_run', 'state'],
    rows: all
      .filter(({ due }) => due.header)
      .map(({ change: { ref, after, epoch } }) => ({
        ...sessionOf(ref),
        shard,
        epoch,
        seq: after.seq,
        phase: after.phase,
        at_work: after.phase !== 'awaiting_confirmation' && after.runs.some(isOpenRun),
        active_run: after.activeRun,
        started_at: storableMs(after.createdAt) ?? Date.now(),
        state: JSON.stringify(headerOf(after)),
      })),
  })
  await upsert(trx, {
    table: 'runs',
    columns: {
      ...PIECE,
      open: 'boolean',
      shard: 'smallint',
      ended_at: 'timestamptz',
      deadline: 'timestamptz',
      status: 'text',
      started_seq: 'bigint',
      started_at: 'timestamptz',
      ends_alone: 'boolean',
    },
    key: ['tenant', 'session', 'id'],
    set: ['open', 'ended_at', 'deadline', 'status', 'started_seq', 'started_at', 'ends_alone', 'state'],
    unlessClosed: true,
    rows: each(
      (due) => due.runs,
      (run) => ({
        ...pieceRow(run.id, run.firstSeq, run),
        open: isOpenRun(run),
        shard,
        ended_at: storableMs(run.endedAt),
        deadline: storableMs(runDeadline(run)),
        status: run.status,
        started_seq: run.startedSeq,
        started_at: storableMs(run.startedAt),
        ends_alone: run.on_disconnect === 'cancel',
      }),
    ),
  })
  const seqOf = new Map(all.map(({ change }) => [change.ref, change.after.seq]))
  await upsert(trx, {
    table: 'messages',
    columns: { ...PIECE, open: 'boolean', as_of: 'bigint', shown: 'boolean' },
    key: ['tenant', 'session', 'id'],
    set: ['open', 'as_of', 'state'],
    unlessClosed: true,
    rows: each(
      (due) => due.messages,
      (message, ref) => ({
        ...pieceRow(message.id, message.firstSeq, withoutText(message)),
        open: isOpenMessage(message),
        as_of: seqOf.get(ref)!,
        shown: message.purpose === null || message.purpose === 'answer',
      }),
    ),
  })
  await upsert(trx, {
    table: 'calls',
    columns: { ...PIECE, open: 'boolean' },
    key: ['tenant', 'session', 'id'],
    set: ['open', 'state'],
    unlessClosed: true,
    rows: each(
      (due) => due.calls,
      (call) => ({ ...pieceRow(call.id, call.firstSeq, call), open: isOpenCall(call) }),
    ),
  })
  await upsert(trx, {
    table: 'questions',
    columns: { ...PIECE, open: 'boolean', shard: 'smallint', deadline: 'timestamptz' },
    key: ['tenant', 'session', 'id'],
    set: ['open', 'state'],
    unlessClosed: true,
    rows: each(
      (due) => due.questions,
      (question) => ({
        ...pieceRow(question.id, question.firstSeq, question),
        open: question.resolution === null,
        shard,
        deadline: storableMs(question.deadline),
      }),
    ),
  })
  await upsert(trx, {
    table: 'artifacts',
    columns: PIECE,
    key: ['tenant', 'session', 'id'],
    set: ['state'],
    rows: each(
      (due) => due.artifacts,
      (artifact) => pieceRow(artifact.id, artifact.seq, artifact),
    ),
  })
  await writeTerms(
    trx,
    all.flatMap(({ change, due }) => due.messages.flatMap((message) => saidOf(change.ref, message))),
  )
}

const PIECE = { tenant: 'text', session: 'text', id: 'text', first_seq: 'bigint', state: 'json' } as const

function pieceRow(id: string, firstSeq: number, state: object) {
  return { id, first_seq: firstSeq, state: JSON.stringify(state) }
}

function sessionOf({ tenant, session }: SessionRef): SessionRef {
  return { tenant, session }
}
