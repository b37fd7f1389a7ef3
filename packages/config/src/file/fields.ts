import { z } from 'zod'

/** Kinds of field that several sections of the file share. */

export const oneOf = <const Word extends string>(words: readonly Word[]) =>
  z.enum(words).meta({ allowed: `one of ${words.join(', ')}` })

export const wholeNumber = (max: number, min = 1) =>
  z
    .int()
    .min(min)
    .max(max)
    .meta({ allowed: `a whole number from ${min} to ${max}` })

export const timeoutMs = () => wholeNumber(3_600_000)

export const trueOrFalse = () => z.boolean().meta({ allowed: 'true or false' })

export const temperature = () => z.number().min(0).max(2).meta({ allowed: 'a number from 0 to 2' })

export const textUpTo = (max: number) =>
  z
    .string()
    .regex(/\S/)
    .max(max)
    .meta({ allowed: `a text of 1 to ${max} characters` })
