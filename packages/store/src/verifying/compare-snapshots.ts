import { isOpenCall, isOpenMessage, isOpenRun, type SessionState } from '@spool/events'
import type { SessionRef } from '@spool/log'
import { sql, type Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { loadSessionIn } from '../loading/whole-session.ts'
import { type Found, found, ADVICE } from './difference.ts'
import { firstDifference } from './first-difference.ts'

/** Where a session's stored snapshots are not what its events say, `state` being their fold. */
export async function compareSnapshots(
  trx: Transaction<Schema>,
  ref: SessionRef,
  shard: number,
  state: SessionState,
): Promise<Found[]> {
  const loaded = await loadSessionIn(trx, ref, { messages: 'all', finished: true })
  if (loaded === null) return [found(null, 'has events, but no snapshot', ADVICE.rebuild)]
  if (loaded.state.seq > state.seq) {
    const what = `its snapshot stands at ${loaded.state.seq}, but the last of its stored events is ${state.seq}: what came after it is missing`
    return [found(null, what, ADVICE.restorePostgres)]
  }
  const parting = firstDifference(state, loaded.state)
  if (parting !== null) {
    const { path, wanted, found: stored } = parting
    const what = `the stored snapshot is not the fold of its events: ${named(path, state)}`
    return [found(null, what, ADVICE.rebuild, { inLog: wanted, stored })]
  }
  return compareColumns(trx, ref, shard, state)
}

/** `messages.3.text` of the fold, with the id of what lies there. */
function named(path: string, state: SessionState): string {
  const [list, index, ...rest] = path.split('.')
  if (index === undefined || !['runs', 'messages', 'calls', 'questions', 'artifacts'].includes(list!)) return path
  const piece = (state[list as 'runs'] as readonly { readonly id: string }[])[Number(index)]
  return [list!.slice(0, -1), piece?.id ?? `number ${Number(index) + 1}`, rest.join('.')].join(' ').trimEnd()
}

interface Columns {
  readonly kind: string
  readonly id: string
  readonly open: boolean | null
  readonly first_seq: number
}

/** What lies beside the states, for the questions that are asked of many sessions at once. */
async function compareColumns(
  trx: Transaction<Schema>,
  { tenant, session }: SessionRef,
  shard: number,
  state: SessionState,
): Promise<Found[]> {
  const differences: Found[] = []
  const differs = (what: string, wanted: unknown, stored: unknown) =>
    differences.push(
      found(null, `the column ${what} is not what its snapshot says`, ADVICE.rebuild, { inLog: wanted, stored }),
    )

  const header = await trx
    .selectFrom('sessions')
    .select(['shard', 'seq', 'phase', 'at_work', 'state'])
    .where('tenant', '=', tenant)
    .where('session', '=', session)
    .executeTakeFirstOrThrow()
  if (header.shard !== shard) differs('sessions.shard', shard, header.shard)
  if (header.seq !== header.state.seq) differs('sessions.seq', header.state.seq, header.seq)
  if (header.phase !== state.phase) differs('sessions.phase', state.phase, header.phase)
  const atWork = state.phase !== 'awaiting_confirmation' && state.runs.some(isOpenRun)
  if (header.at_work !== atWork) differs('sessions.at_work', atWork, header.at_work)

  const { rows } = await sql<Columns>`
    select 'run' as kind, id, open, first_seq from runs where tenant = ${tenant} and session = ${session}
    union all
    select 'message', id, open, first_seq from messages where tenant = ${tenant} and session = ${session}
    union all
    select 'call', id, open, first_seq from calls where tenant = ${tenant} and session = ${session}
    union all
    select 'question', id, open, first_seq from questions where tenant = ${tenant} and session = ${session}
    union all
    select 'artifact', id, null, first_seq from artifacts where tenant = ${tenant} and session = ${session}`.execute(
    trx,
  )
  const wanted = columnsOf(state)
  for (const { kind, id, open, first_seq } of rows) {
    const piece = wanted.get(`${kind} ${id}`)
    if (piece === undefined) continue
    if (piece.open !== open) differs(`open of ${kind} ${id}`, piece.open, open)
    if (piece.firstSeq !== first_seq) differs(`first_seq of ${kind} ${id}`, piece.firstSeq, first_seq)
  }
  return differences
}

interface WantedColumns {
  readonly open: boolean | null
  readonly firstSeq: number
}

function columnsOf(state: SessionState): Map<string, WantedColumns> {
  const questions = state.question === null ? state.questions : [...state.questions, state.question]
  return new Map<string, WantedColumns>([
    ...state.runs.map((run) => [`run ${run.id}`, { open: isOpenRun(run), firstSeq: run.firstSeq }] as const),
    ...state.messages.map(
      (message) => [`message ${message.id}`, { open: isOpenMessage(message), firstSeq: message.firstSeq }] as const,
    ),
    ...state.calls.map((call) => [`call ${call.id}`, { open: isOpenCall(call), firstSeq: call.firstSeq }] as const),
    ...questions.map(
      (question) =>
        [`question ${question.id}`, { open: question.resolution === null, firstSeq: question.firstSeq }] as const,
    ),
    ...state.artifacts.map((artifact) => [`artifact ${artifact.id}`, { open: null, firstSeq: artifact.seq }] as const),
  ])
}
