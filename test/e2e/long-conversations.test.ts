import { startSpool } from '@spool/testing'
import { expect, test } from 'vitest'
import { stream } from './support/system.ts'

const LONG = 'It rained in Nara, and the deer stood under the eaves. '.repeat(30)
/** It takes no longer prompt. */
const MODEL = 'demo/steady?tokens=20&tps=2000&window=1500'

test('a conversation that is longer than its model takes in goes on; only a message that alone is too large fails', async () => {
  const spool = await startSpool()
  try {
    const types = new Set<string>()
    const ask = async (message: string) => {
      const body = { message, model: MODEL, language: 'es' }
      const { frames } = await stream(spool, 'long', body, { onFrame: ({ data }) => void types.add(data.type) })
      return frames.at(-1)?.data
    }
    for (let index = 0; index < 8; index++) {
      expect(await ask(`Question ${index}. ${LONG}`)).toMatchObject({ type: 'run.completed', status: 'done' })
    }
    expect([...types]).toContain('session.summarised')
    expect([...types]).not.toContain('generation.failed')
    const tooLarge = { code: 'message_too_large', message: expect.stringContaining('Acórtelo') }
    expect(await ask(LONG.repeat(6))).toMatchObject({ type: 'run.failed', error: tooLarge })
    expect(await ask('And now?')).toMatchObject({ type: 'run.completed', status: 'done' })
  } finally {
    await spool.stop()
  }
})
