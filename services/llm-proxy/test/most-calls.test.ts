import { ModelCatalogue } from '@spool/config'
import { expect, test } from 'vitest'
import { writeMessage } from '../src/generating/write-message.ts'
import { ProviderError } from '../src/providers/provider-error.ts'
import type { Provider } from '../src/providers/provider.ts'
import { Routes } from '../src/routing/routes.ts'
import { routeTo } from './providers/route-to.ts'
import { PenInMemory } from './support/pen-in-memory.ts'

test('an answer that breaks off again and again, well brought on each time, is given up after a hundred calls', async () => {
  let calls = 0
  const crumbling: Provider = {
    name: 'crumbling',
    model: 'crumbling',
    async *generate() {
      calls++
      yield { type: 'text', text: 'and so on '.repeat(30) }
      throw new ProviderError('provider_broken', 'It broke.')
    },
  }
  const pen = new PenInMemory()
  const catalogue = new ModelCatalogue({ origin: 'file', aliases: new Map([['default', [routeTo('demo')]]]) })
  await writeMessage(pen, {
    run: pen.run,
    worker: 'worker',
    routes: new Routes({ catalogue, open: () => crumbling }),
    handOver: new AbortController().signal,
    onUnforeseen: (error) => expect.fail(String(error)),
    pauseMs: () => 0,
  })
  expect(calls).toBe(100)
  expect(pen.message).toMatchObject({ status: 'partial', reason: 'provider_failed' })
  expect(pen.message.text).toHaveLength(100 * 300)
})
