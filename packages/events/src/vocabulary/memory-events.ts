import * as z from 'zod'
import { runEvent, sessionEvent } from './envelope.ts'
import { failureSchema } from './failure.ts'
import { count, identifier } from './scalars.ts'
import { usageSchema } from './usage.ts'

export const memoryProgress = runEvent('memory.progress', { found: count })

export const memoryUpdated = runEvent('memory.updated', {
  count,
  memories: z.array(z.object({ id: identifier, text: z.string() })),
  usage: usageSchema.optional(),
})

export const memoryFailed = runEvent('memory.failed', { error: failureSchema })

/** In the session that the memories came from. */
export const memoryDeleted = sessionEvent('memory.deleted', { ids: z.array(identifier) })

export const memoryEvents = [memoryProgress, memoryUpdated, memoryFailed, memoryDeleted] as const
