import {
  emptySession,
  fold,
  isOpenCall,
  isOpenMessage,
  isOpenRun,
  type ParsedEvent,
  type SessionState,
  type SpoolEvent,
} from '@spool/events'
import { isId, type SessionRef } from '@spool/log'
import { withoutText } from '../folding/stored-message.ts'

export type PieceTable = 'runs' | 'messages' | 'calls' | 'questions' | 'artifacts'

/** A snapshot as its row must be. */
export interface WantedPiece {
  readonly of: WalkedSession
  readonly table: PieceTable
  readonly id: string
  readonly firstSeq: number
  readonly open: boolean
  readonly state: object
}

/**
 * A session while the whole log is walked: the open part of its state, and of what is finished only how much there
 * was. Whatever looks odd makes it suspect; it is then looked at again, alone and exactly.
 */
export class WalkedSession {
  readonly ref: SessionRef
  /** Its subject names no session: what lies there belongs to no chain. */
  readonly isNowhere: boolean
  state: SessionState = emptySession()
  /** Where its erasure was read. */
  erasedAt: number | null = null
  /** Where it began to look odd. */
  suspectAt: number | null = null
  readonly finished: Record<PieceTable, number> = { runs: 0, messages: 0, calls: 0, questions: 0, artifacts: 0 }

  constructor(ref: SessionRef) {
    this.isNowhere = !isId(ref.tenant) || !isId(ref.session)
    this.ref = this.isNowhere ? { tenant: '', session: '' } : ref
  }

  get key(): string {
    return `${this.ref.tenant}/${this.ref.session}`
  }

  suspect(seq: number): void {
    this.suspectAt ??= seq
  }

  /** Takes the next event of its chain; what it finishes is handed over. */
  take(seq: number, prev: number, parsed: ParsedEvent, hand: (piece: WantedPiece) => void): void {
    const before = this.state
    if (prev !== before.seq) return this.suspect(seq)
    if (!parsed.ok) {
      this.state = { ...before, seq }
      return
    }
    const { event } = parsed
    const after = fold(before, { seq, event })
    this.state = isDelta(event) ? after : this.withoutFinished(before, after, hand)
  }

  /** Each that is open, as its row must be now. */
  open(): WantedPiece[] {
    const { runs, messages, calls, question } = this.state
    return [
      ...runs.map((run) => this.piece('runs', run, true)),
      ...messages.map((message) => this.piece('messages', withoutText(message), true)),
      ...calls.map((call) => this.piece('calls', call, true)),
      ...(question === null ? [] : [this.piece('questions', question, true)]),
    ]
  }

  private withoutFinished(before: SessionState, after: SessionState, hand: (piece: WantedPiece) => void): SessionState {
    let state = after
    const finish = (table: PieceTable, piece: Identified) => {
      this.finished[table]++
      hand(this.piece(table, piece, false))
    }
    if (after.runs !== before.runs && !after.runs.every(isOpenRun)) {
      for (const run of after.runs) if (!isOpenRun(run)) finish('runs', run)
      state = { ...state, runs: after.runs.filter(isOpenRun) }
    }
    if (after.messages !== before.messages && !after.messages.every(isOpenMessage)) {
      for (const message of after.messages) if (!isOpenMessage(message)) finish('messages', withoutText(message))
      state = { ...state, messages: after.messages.filter(isOpenMessage) }
    }
    if (after.calls !== before.calls && !after.calls.every(isOpenCall)) {
      for (const call of after.calls) if (!isOpenCall(call)) finish('calls', call)
      state = { ...state, calls: after.calls.filter(isOpenCall) }
    }
    if (after.questions.length > 0) {
      for (const question of after.questions) finish('questions', question)
      state = { ...state, questions: [] }
    }
    if (after.artifacts.length > 0) {
      for (const artifact of after.artifacts) {
        this.finished.artifacts++
        const { id, seq: firstSeq } = artifact
        hand({ of: this, table: 'artifacts', id, firstSeq, open: false, state: artifact })
      }
      state = { ...state, artifacts: [] }
    }
    return state
  }

  private piece(table: PieceTable, state: Identified, open: boolean): WantedPiece {
    return { of: this, table, id: state.id, firstSeq: state.firstSeq, open, state }
  }
}

interface Identified {
  readonly id: string
  readonly firstSeq: number
}

function isDelta(event: SpoolEvent): boolean {
  return event.type === 'text.delta' || event.type === 'reasoning.delta' || event.type === 'tool.input.delta'
}
