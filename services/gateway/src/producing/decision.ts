import type { KnownEvent } from '@spool/events'
import type { Problem } from '../problems/problem.ts'

/** What a producer's call leads to, given the session: one event, or what its caller is told. */
export type Decision<Answer> =
  /** Where there is no answer yet, decide again with the event in the log. */
  | { readonly kind: 'append'; readonly event: KnownEvent; readonly answer?: Answer }
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'refuse'; readonly problem: Problem }

export const append = <Answer>(event: KnownEvent, answer?: Answer): Decision<Answer> =>
  answer === undefined ? { kind: 'append', event } : { kind: 'append', event, answer }

export const answer = <Answer>(what: Answer): Decision<Answer> => ({ kind: 'answer', answer: what })

export const refuse = (problem: Problem): Decision<never> => ({ kind: 'refuse', problem })
