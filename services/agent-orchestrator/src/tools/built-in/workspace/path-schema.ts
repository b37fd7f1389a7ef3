import * as z from 'zod'
import { problemOfPath } from './path-of.ts'

export const path = z
  .string()
  .min(1)
  .max(1024)
  .superRefine((text, { addIssue }) => {
    const problem = problemOfPath(text)
    if (problem !== null) addIssue({ code: 'custom', message: problem })
  })
