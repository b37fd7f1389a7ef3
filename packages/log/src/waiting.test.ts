import { expect, test } from 'vitest'
import { retryDelay } from './waiting.ts'

test('a wait that is broken off gives the reason, as it is, whether it had begun or not', async () => {
  const reason = new Error('no more patience')
  await expect(retryDelay(6, AbortSignal.abort(reason))).rejects.toBe(reason)
  const patience = new AbortController()
  const waiting = retryDelay(6, patience.signal)
  patience.abort(reason)
  await expect(waiting).rejects.toBe(reason)
})
