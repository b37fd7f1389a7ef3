import type { ArtifactState, CallState, MessageState, QuestionState, RunState } from '@spool/events'
import type { ColumnType, Generated } from 'kysely'
import type { SessionHeader } from '../folding/session-header.ts'

/** A state as JSON text on the way in; parsed by the driver on the way out. */
type Json<State> = ColumnType<State, string, string>

interface SessionColumns {
  tenant: string
  session: string
}

export interface EventsTable extends SessionColumns {
  shard: number
  epoch: number
  seq: number
  prev: number
  event_id: string
  type: string
  run: string | null
  at: Date | null
  stored_at: Date
  trace: string | null
  on_chain: boolean
  problem: string | null
  /** Of the body, in UTF-8. */
  bytes: number
  /** Read it as text (`body::text`): what was appended, verbatim. */
  body: ColumnType<unknown, string | null, never>
  raw: Buffer | null
}

/** Up to where a shard's log is stored. */
export interface ProjectionTable {
  shard: number
  epoch: number
  seq: number
  event_id: string
  stored_at: Generated<Date>
  /** Why nothing more is stored, for the copies that stand by. */
  diverged: string | null
  /** How often the snapshots were rebuilt. */
  generation: Generated<number>
}

export interface TombstonesTable extends SessionColumns {
  epoch: number
  seq: number
  erased_at: Generated<Date>
}

export interface SessionsTable extends SessionColumns {
  shard: number
  epoch: number
  seq: number
  phase: string
  /** A run is open and does not wait for a person. */
  at_work: Generated<boolean>
  active_run: string | null
  started_at: Date
  state: Json<SessionHeader>
}

interface PieceTable<State> extends SessionColumns {
  id: string
  first_seq: number
  state: Json<State>
}

export interface RunsTable extends PieceTable<RunState> {
  open: boolean
  shard: number
  ended_at: Date | null
  deadline: Date | null
  status: Generated<string>
  started_seq: number | null
  started_at: Date | null
  /** It is to end when nobody follows it any more. */
  ends_alone: Generated<boolean>
}

export interface MessagesTable extends PieceTable<Omit<MessageState, 'text'>> {
  open: boolean
  as_of: number
  shown: boolean
}

export interface CallsTable extends PieceTable<CallState> {
  open: boolean
}

export interface QuestionsTable extends PieceTable<QuestionState> {
  open: boolean
  shard: number
  deadline: Date | null
}

export type ArtifactsTable = PieceTable<ArtifactState>

/** What people were shown, once it is finished, as a search finds it. */
export interface MessageTermsTable extends SessionColumns {
  message: string
  role: string
  /** When and where the message ended. */
  said_at: Date
  epoch: number
  seq: number
  /** Lexemes without positions. Never read. */
  terms: ColumnType<never, string, string>
}

export interface MemoriesTable extends SessionColumns {
  id: string
  user_id: string | null
  agent: string | null
  run: string
  text: string
  /** Lexemes without positions. Never read. */
  terms: ColumnType<never, string, string>
  created_at: Date
  updated_at: Date
  epoch: number
  seq: number
  forgotten: boolean
}

/** A blob that a stored event names. */
export interface BlobsTable extends SessionColumns {
  id: string
  shard: number
  named_at: Date
  /** These three: null until it is copied. */
  media_type: string | null
  size: number | null
  digest: string | null
  copied_at: Date | null
  lost_at: Date | null
  in_nats: Generated<boolean>
}

export interface BlobChunksTable extends SessionColumns {
  id: string
  number: number
  bytes: Buffer
}

export interface Schema {
  events: EventsTable
  projection: ProjectionTable
  tombstones: TombstonesTable
  sessions: SessionsTable
  runs: RunsTable
  messages: MessagesTable
  calls: CallsTable
  questions: QuestionsTable
  artifacts: ArtifactsTable
  message_terms: MessageTermsTable
  memories: MemoriesTable
  blobs: BlobsTable
  blob_chunks: BlobChunksTable
}
