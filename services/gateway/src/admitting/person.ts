import { forbidden } from './allowed.ts'
import type { Caller } from './caller.ts'

/**
 * Whose run or memory it is. A token says who asks, and nobody else's name is taken from who shows it; who holds an API
 * key is a program, and says for whom it asks. Without either, nobody has a name.
 */
export function userFor(caller: Caller, named: string | undefined): string | undefined {
  if (caller.by === 'key') return named
  if (named === undefined || named === '' || named === caller.subject) return caller.subject
  throw forbidden(
    caller.subject === undefined
      ? 'Only who holds an API key can say for which user it is. Leave the user out.'
      : 'This is another user than the one who asks. Leave the user out: your token says who you are.',
  )
}

/** Who answers a question, for the record. */
export function answererOf(caller: Caller, named: string): string {
  return caller.by === 'key' ? named : (caller.subject ?? 'user')
}
