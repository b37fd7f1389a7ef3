import { rmSync } from 'node:fs'
import { startSpool } from '@spool/testing'
import { expect, test } from 'vitest'
import { writeAgentsFile } from './support/agents-file.ts'
import { OutsideWorld } from './support/outside-world.ts'
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

test('a tool that must not be repeated is called once, however much it gives back and however little the model takes in', async () => {
  const world = await OutsideWorld.start()
  const file = writeAgentsFile(world.url, 0)
  const spool = await startSpool({ env: file.env })
  const arrived: string[] = []
  world.onArrival(({ session }) => void arrived.push(session))
  const summarised = new Set<string>()
  const ask = async (session: string, model: string, message: string, window: number) => {
    const body = { agent: 'clerk', message, model: `${model}?tps=0&window=${window}` }
    const onFrame = ({ data }: { data: { type: string } }) =>
      data.type === 'session.summarised' && summarised.add(session)
    const { frames } = await stream(spool, session, body, { onFrame })
    expect(frames.at(-1)?.data, session).toMatchObject({ type: 'run.completed', status: 'done' })
    return arrived.filter((name) => name === session).length
  }
  try {
    const steps = Array.from({ length: 12 }, (_, ms) => [{ name: 'send_letter', input: { ms, kib: 64 } }])
    for (const window of [3_000, 6_000, 16_000]) {
      const letter = 'send_letter {"ms": 1, "kib": 64}'
      expect(await ask(`once-${window}`, 'demo/agent', letter, window), `of ${window}`).toBe(1)
      expect(summarised, `of ${window}`).not.toContain(`once-${window}`)
      expect(await ask(`often-${window}`, 'demo/calls', JSON.stringify(steps), window), `of ${window}`).toBe(12)
      expect(summarised, `of ${window}`).toContain(`often-${window}`)
    }
  } finally {
    await spool.stop()
    world.stop()
    rmSync(file.folder, { recursive: true })
  }
})
