import { messageOf, type SessionState } from '../state/session-state.ts'
import { UnknownMessage } from './unknown-message.ts'

/**
 * What a message's attempts have left so far: where the provider can continue, its next attempt goes on after it.
 * White space at the end is still there; a provider's side that must cut it cuts only what it sends.
 *
 * @throws UnknownMessage
 */
export function keptText(state: SessionState, id: string): string {
  const message = messageOf(state, id)
  if (message === undefined) throw new UnknownMessage(id)
  return message.text
}
