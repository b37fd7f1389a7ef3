import type { EventOnTheWire } from '../../e2e/support/judge.ts'

/** An event as it lies somewhere, to the letter. */
export interface LoggedEvent {
  readonly epoch: number
  readonly seq: number
  readonly prev: number
  readonly id: string
  readonly type: string
  /** Its body. */
  readonly text: string
}

/** What clients are given of it, by the protocol: the stored bytes with three fields behind. */
export function toldText({ text, seq, prev }: LoggedEvent, session: string): string {
  return `${text.slice(0, -1)},"session":${JSON.stringify(session)},"seq":${seq},"prev":${prev}}`
}

export function toldEvent(event: LoggedEvent, session: string): EventOnTheWire {
  return JSON.parse(toldText(event, session)) as EventOnTheWire
}
