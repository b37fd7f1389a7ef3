import { StoredEvent } from '@spool/log'
import type { Caller } from '../admitting/caller.ts'

/** Made once, however many watch. */
const withoutPrompts = new WeakMap<StoredEvent, StoredEvent>()

/**
 * An event as its caller may see it. What a model was told beside the conversation is for nobody who comes without a
 * key: they get the same event, at the same place of the chain, without it.
 */
export function shownTo({ by }: Caller, event: StoredEvent): StoredEvent {
  if (by !== 'nothing' || event.type !== 'message.requested') return event
  const known = withoutPrompts.get(event)
  if (known !== undefined) return known
  const shown = new StoredEvent(event, Buffer.from(JSON.stringify(withoutPrompt(event))))
  withoutPrompts.set(event, shown)
  return shown
}

function withoutPrompt(stored: StoredEvent): object {
  const event = stored.event()
  if (event?.type !== 'message.requested') return { type: stored.type }
  const {
    instructions: _instructions,
    tools: _tools,
    memories: _memories,
    context: _context,
    blob: _blob,
    ...rest
  } = event
  return rest
}
