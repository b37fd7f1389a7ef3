import * as z from 'zod'
import { sessionEvent } from './envelope.ts'
import { identifier } from './scalars.ts'

/** Stands outside a run only in a fork's copy. */
export const artifactCreated = sessionEvent('artifact.created', {
  artifact: identifier,
  /** `design_document`, … */
  kind: z.string().min(1),
  title: z.string(),
  filename: z.string().min(1),
  media_type: z.string().min(1),
  content: z.string().optional(),
  blob: identifier.optional(),
})

export const artifactEvents = [artifactCreated] as const
