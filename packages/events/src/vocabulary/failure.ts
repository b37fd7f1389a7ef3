import * as z from 'zod'

/** Why something went wrong: a stable code for programs, a text for people; never a secret. */
export const failureSchema = z.object({ code: z.string().min(1), message: z.string() })

export type Failure = z.infer<typeof failureSchema>
