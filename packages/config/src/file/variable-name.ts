import { z } from 'zod'
import { isVariableName } from './looks-like-key.ts'

/** Of an environment variable that holds a secret. The secret itself never stands in the file. */
export const variableName = (example: string) =>
  z
    .string()
    .refine(isVariableName)
    .meta({
      allowed: `the name of an environment variable, such as ${example}; never a key itself`,
      namesVariable: true,
    })
