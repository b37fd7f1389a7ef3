import type { RunState } from '@spool/events'
import { RunTracker, type StoredEvent } from '@spool/log'

/** Why a run does not go on by itself: it has ended, or it has asked a person. */
export type Halt = { readonly seq: number; readonly epoch: number } & (
  | { readonly question: string }
  | { readonly question: null; readonly run: RunState; readonly answer: string | null }
)

/** Reads a run's events for its first halt. What is remembered of it comes after its end and is not waited for. */
export class HaltWatch {
  private readonly runs: RunTracker
  private question: string | null = null
  private answer: string | null = null

  constructor(
    private readonly id: string,
    /** Up to here it is history: a question in it may have been answered since. */
    private readonly tail: number,
  ) {
    this.runs = new RunTracker(id)
  }

  take(event: StoredEvent): Halt | null {
    this.runs.fold(event)
    if (event.type === 'message.requested' || event.type.startsWith('confirmation.')) this.note(event)
    const { seq, epoch } = event
    const run = this.runs.of(this.id)
    if (run !== undefined && run.endedSeq !== null) return { seq, epoch, question: null, run, answer: this.answer }
    return this.question === null || seq < this.tail ? null : { seq, epoch, question: this.question }
  }

  private note(stored: StoredEvent): void {
    const event = stored.event()
    if (event?.run !== this.id) return
    if (event.type === 'message.requested' && event.purpose === 'answer') this.answer = event.message
    else if (event.type === 'confirmation.requested') this.question = event.confirmation
    else if (event.type === 'confirmation.resolved') this.question = null
  }
}
