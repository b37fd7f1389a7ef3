import type { QuestionEvent } from './client-event.ts'

/** What a server says when it refuses (RFC 9457). */
export interface ProblemDocument {
  readonly type?: string
  readonly title?: string
  readonly status: number
  /** Stable, for programs. */
  readonly code: string
  /** For people. */
  readonly detail: string
  readonly request_id?: string
  readonly [member: string]: unknown
}

/** The server refused, and asking again would not help. */
export class Refused extends Error {
  override readonly name: string = 'Refused'
  readonly code: string
  readonly status: number

  constructor(readonly problem: ProblemDocument) {
    super(problem.detail)
    this.code = problem.code
    this.status = problem.status
  }
}

/** What became of a question before an answer to it. */
export interface WhatHappened {
  readonly action: 'confirm' | 'modify' | 'cancel' | 'timeout'
  readonly by: string
  readonly via: string
  readonly at: string
}

/** The question does not wait for this answer: somebody was faster, its time is over, or it was never asked (409). */
export class AnswerNotTaken extends Refused {
  override readonly name = 'AnswerNotTaken'
  /** Where the question was answered, or its time ran out. */
  readonly happened: WhatHappened | undefined

  constructor(problem: ProblemDocument) {
    super(problem)
    const { action, by, via, at } = problem as ProblemDocument & WhatHappened
    this.happened = action === undefined ? undefined : { action, by, via, at }
  }
}

/** The server could not be reached, or was overloaded, for longer than this client was to try. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable'
  readonly code = 'unreachable'

  constructor(url: string, options?: ErrorOptions) {
    super(`${url} cannot be reached at the moment.`, options)
  }
}

/** The stream has left out or repeated an event: what was received is not to be trusted. A defect of the server. */
export class ChainBroken extends Error {
  override readonly name = 'ChainBroken'
  readonly code = 'chain_broken'

  constructor(
    /** The position that the next event had to name as the one before it. */
    readonly expected: number,
    /** The one that it named. */
    readonly found: number,
    /** The next event's own position. */
    readonly seq: number,
  ) {
    super(
      expected === found
        ? `Event ${seq} cannot follow event ${expected}.`
        : `Event ${seq} follows ${found}, but the last one received was ${expected}.`,
    )
  }
}

/** The run ended without an answer. */
export class RunFailed extends Error {
  override readonly name = 'RunFailed'

  constructor(
    readonly code: string,
    message: string,
    readonly retryable: boolean,
  ) {
    super(message)
  }
}

/** The run was cancelled: by a person, by the answer to its question or for want of one, or because of its limit of time. */
export class RunCancelled extends Error {
  override readonly name = 'RunCancelled'
  readonly code = 'run_cancelled'

  constructor(
    readonly reason: string,
    /** What it had written until then. */
    readonly text: string,
  ) {
    super(`The run was cancelled (${reason}).`)
  }
}

/**
 * The run waits for a person, and nobody said how to answer. It goes on waiting: answer with `session.confirm(question)`
 * at any time until its deadline, then ask for the text again.
 */
export class QuestionAsked extends Error {
  override readonly name = 'QuestionAsked'
  readonly code = 'question_asked'

  constructor(readonly question: QuestionEvent) {
    super(`The run waits for an answer until ${question.deadline}: ${question.prompt}`)
  }
}
