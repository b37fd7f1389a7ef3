import { IDENTIFIER } from '@spool/events'
import { z } from 'zod'

/** What answers and parameters are made of. */

export const identifier = z.string().regex(IDENTIFIER)
export const cursor = z.string().regex(/^(0|[1-9]\d{0,8}-[1-9]\d{0,15})$/)
export const instant = z.string().meta({ format: 'date-time' })
export const position = z.int().min(0)
export const count = z.int().min(0)
export const anything = z.record(z.string(), z.unknown())
export const nullable = <Schema extends z.ZodType>(schema: Schema) => z.union([schema, z.null()])
