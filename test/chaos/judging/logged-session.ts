import { emptySession, fold, type PromptMessage, prompt, readEvent, type SessionState } from '@spool/events'
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
  const judged = judge(wire)
  faults.push(...judged.faults)
  const ids = new Set(events.map(({ id }) => id))
  if (ids.size < events.length) faults.push('an id stands for several events')
  for (const [index, { type, seq }] of events.entries()) {
    if (wire[index]?.type !== type) faults.push(`${seq} is named ${type} and is ${wire[index]?.type}`)
  }
  const told = wire.map((event) => JSON.stringify(event))
  return { session, events, told, wire, state: judged.state, asked: askedIn(wire), faults }
}

/** The conversation as it stood when each message was asked for. */
function askedIn(wire: readonly EventOnTheWire[]): Map<string, Asked> {
  const asked = new Map<string, Asked>()
  let state = emptySession()
  for (const { session: _, ...body } of wire) {
    const read = readEvent(body)
    if (!read.ok) continue
    state = fold(state, { seq: body.seq, event: read.event })
    if (read.event.type !== 'message.requested' || read.event.blob !== undefined) continue
    const { message, tools = [] } = read.event
    asked.set(message, { prompt: prompt(state, message), tools: tools as Asked['tools'] })
  }
  return asked
}
