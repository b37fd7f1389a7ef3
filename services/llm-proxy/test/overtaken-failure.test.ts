import { ModelCatalogue } from '@spool/config'
import { draft } from '@spool/events'
import type { Standing } from '@spool/log'
import { expect, test } from 'vitest'
import type { Pen } from '../src/generating/message-writer.ts'
import { writeMessage } from '../src/generating/write-message.ts'
import type { Provider } from '../src/providers/provider.ts'
import { Routes } from '../src/routing/routes.ts'
import { routeTo } from './providers/route-to.ts'
import { PenInMemory } from './support/pen-in-memory.ts'

const usage = { input_tokens: 5, output_tokens: 2, cached_tokens: 0, reasoning_tokens: 0 }

const filtering: Provider = {
  name: 'filtering',
  model: 'filtering',
  async *generate() {
    yield { type: 'text', text: 'Once' }
    yield { type: 'finish', reason: 'content_filter', usage, response: {} }
  },
}

test('what a failed call has cost is counted also where a cancel is in the log before its failure', async () => {
  const log = new PenInMemory()
  let standing: Standing = 'mine'
  const pen: Pen = {
    ref: log.ref,
    signal: log.signal,
    canReachLog: true,
    get standing() {
      return standing
    },
    get state() {
      return log.state
    },
    get message() {
      return log.message
    },
    async append(event) {
      if (event.type !== 'generation.failed') return log.append(event)
      await log.append(draft('run.cancel_requested', { run: log.run, by: 'user', reason: 'user' }))
      standing = 'cancelled'
      return false
    },
  }
  const catalogue = new ModelCatalogue({ origin: 'file', aliases: new Map([['default', [routeTo('demo')]]]) })
  await writeMessage(pen, {
    run: log.run,
    worker: 'worker',
    routes: new Routes({ catalogue, open: () => filtering }),
    handOver: new AbortController().signal,
    onUnforeseen: (error) => expect.fail(String(error)),
  })
  expect(log.message).toMatchObject({ status: 'partial', reason: 'cancelled', text: 'Once', usage })
})
