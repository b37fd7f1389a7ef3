import * as z from 'zod'
import { identifier } from './scalars.ts'

// The parts of a message that a person, or a history that is taken over, brings along.

const textPart = z.object({ type: z.literal('text'), text: z.string() })

const imagePart = z.object({
  type: z.literal('image'),
  blob: identifier.optional(),
  url: z.string().min(1).optional(),
  media_type: z.string().optional(),
})

const filePart = z.object({
  type: z.literal('file'),
  blob: identifier.optional(),
  url: z.string().min(1).optional(),
  filename: z.string().optional(),
  media_type: z.string().min(1),
})

export const partSchema = z.discriminatedUnion('type', [textPart, imagePart, filePart])
export const partsSchema = z.array(partSchema)

export type Part = z.infer<typeof partSchema>
