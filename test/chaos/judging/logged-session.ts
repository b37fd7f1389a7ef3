import { messageOf, type PromptMessage, prompt, type SessionState } from '@spool/events'
import { type EventOnTheWire, judge } from '../../e2e/support/judge.ts'
import { type LoggedEvent, toldEvent } from './logged-event.ts'

/** What a model was sent for a message. */
export interface Asked {
  readonly prompt: readonly PromptMessage[]
  readonly tools: readonly { name: string; description?: string | undefined; input_schema: unknown }[]
}

/** A session as its log has it, and all that follows from that alone. */
export interface LoggedSession {
  readonly session: string
  readonly events: readonly LoggedEvent[]
  /** As clients are told them, each made anew from what it says. */
  readonly told: readonly string[]
  readonly wire: readonly EventOnTheWire[]
  readonly state: SessionState
  /** By message: of each that a model was asked for. */
  readonly asked: ReadonlyMap<string, Asked>
  /** What is wrong with it, whatever anybody else says. */
  readonly faults: readonly string[]
}

export function loggedSession(session: string, events: readonly LoggedEvent[]): LoggedSession {
  const faults: string[] = []
  const wire: EventOnTheWire[] = []
  for (const event of events) {
    try {
      wire.push(toldEvent(event, session))
    } catch {
      faults.push(`${event.seq} is no JSON: ${event.text}`)
    }
  }
  const asked = new Map<string, Asked>()
  const judged = judge(wire, (event, state) => {
    if (event.type !== 'message.requested' || event.blob !== undefined) return
    const { message, tools = [] } = event
    // Where it stands it may say nothing, which is told.
    if (messageOf(state, message) === undefined) return
    // As the conversation stands now: a later summary would take its beginning away.
    asked.set(message, { prompt: prompt(state, message), tools: tools as Asked['tools'] })
  })
  faults.push(...judged.faults)
  const ids = new Set(events.map(({ id }) => id))
  if (ids.size < events.length) faults.push('an id stands for several events')
  for (const [index, { type, seq }] of events.entries()) {
    if (wire[index]?.type !== type) faults.push(`${seq} is named ${type} and is ${wire[index]?.type}`)
  }
  const told = wire.map((event) => JSON.stringify(event))
  return { session, events, told, wire, state: judged.state, asked, faults }
}
