import { usageProblem } from './problem.ts'

/** As `isId` of the log, without loading what reads it. */
const ID = /^[A-Za-z0-9_-]{1,128}$/

/** Of what was typed: no server need be asked to know that one cannot be. */
export function assertSessionId(text: string): void {
  if (!ID.test(text)) throw usageProblem('A session is named by 1 to 128 letters, digits, "-" or "_".')
}
