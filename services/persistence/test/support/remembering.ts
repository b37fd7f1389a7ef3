import { newId } from '@spool/events'
import { Conversation } from './conversation.ts'
import type { System } from './system.ts'

export interface Known {
  id: string
  text: string
}

export interface ListedMemory extends Known {
  user: string | null
  agent: string | null
  session: string
}

/** A session with a run that has ended and whose memory is still to come. */
export async function endedRun(
  system: System,
  more: { user?: string; agent?: string; tenant?: string; conversation?: Conversation } = {},
): Promise<{ conversation: Conversation; run: string }> {
  const { user, agent = 'helper', tenant = 'acme' } = more
  const conversation = more.conversation ?? new Conversation(system.log, newId(), tenant)
  const { run, message } = await conversation.begin('Hello', { memory: 'on', agent, ...(user && { user }) })
  await conversation.delta(run, message, 1, 'Hi')
  await conversation.finish(run, message, 1)
  return { conversation, run }
}

/** What the orchestrator appends when something is worth remembering. Ids are made where only texts are given. */
export async function remember(
  system: System,
  memories: readonly (string | Known)[],
  more: Parameters<typeof endedRun>[1] = {},
): Promise<{ conversation: Conversation; ids: string[] }> {
  const { conversation, run } = await endedRun(system, more)
  const known = memories.map((memory) => (typeof memory === 'string' ? { id: newId(), text: memory } : memory))
  await conversation.say('memory.updated', { run, count: known.length, memories: known })
  return { conversation, ids: known.map(({ id }) => id) }
}
