import type { EventOf } from './event.ts'
import { IDENTIFIER, INSTANT } from './scalars.ts'
import type { Body } from './upcast.ts'

// Nearly every event is one of these three, so they are checked by hand: the same checks as their
// schemas, in less than half the time (bench/events.ts). A property test holds the two together.

export type DeltaEvent = EventOf<'text.delta'> | EventOf<'reasoning.delta'> | EventOf<'tool.input.delta'>

export function isDelta(body: Body): body is DeltaEvent {
  switch (body['type']) {
    case 'text.delta':
    case 'reasoning.delta':
      return hasDeltaEnvelope(body) && Number.isSafeInteger(body['sequence']) && (body['sequence'] as number) >= 1
    case 'tool.input.delta':
      return (
        hasDeltaEnvelope(body) && isIdentifier(body['call']) && typeof body['name'] === 'string' && body['name'] !== ''
      )
    default:
      return false
  }
}

function hasDeltaEnvelope(body: Body): boolean {
  return (
    body['v'] === 1 &&
    typeof body['text'] === 'string' &&
    isIdentifier(body['run']) &&
    isIdentifier(body['message']) &&
    typeof body['at'] === 'string' &&
    INSTANT.test(body['at'])
  )
}

function isIdentifier(value: unknown): boolean {
  return typeof value === 'string' && IDENTIFIER.test(value)
}
