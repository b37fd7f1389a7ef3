import { isId } from '@spool/log'
import { expect, test } from 'vitest'
import { assertSessionId } from './session-id.ts'

test('takes the ids that the log takes, and no other', () => {
  for (const id of ['a', 'A-b_9', 'x'.repeat(128), '', 'a b', 'a/b', '..', 'ä', 'x'.repeat(129), 'a\n']) {
    const taking = expect(() => assertSessionId(id))
    if (isId(id)) taking.not.toThrow()
    else taking.toThrow('1 to 128')
  }
})
