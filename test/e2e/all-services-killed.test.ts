import { startSpool } from '@spool/testing'
import { expect, test } from 'vitest'
import { demoScript } from '../../services/llm-proxy/src/providers/demo/demo-script.ts'
import { chainProblems, textOf } from './support/follower.ts'
import { followRun, stream } from './support/system.ts'

test('a message survives a kill of all services right after it was accepted, and is answered when they are back', async () => {
  const spool = await startSpool()
  try {
    const model = 'demo/steady?tokens=100&tps=50&seed=31'
    let run = ''
    const first = await stream(
      spool,
      'killed',
      { message: 'remember me', model },
      {
        cutAfter: 3,
        onFrame: (frame) => void (run = frame.data.run!),
      },
    )
    for (const service of ['llm-proxy', 'agent-orchestrator', 'persistence', 'gateway']) spool.kill(service)
    await spool.waitReady()
    const rest = await followRun(spool, 'killed', run, { after: first.lastId! })
    const frames = [...first.frames, ...rest]
    expect(chainProblems(frames, 0)).toEqual([])
    expect(frames[1]!.data['parts']).toEqual([{ type: 'text', text: 'remember me' }])
    expect(textOf(frames, run)).toBe(demoScript(model).join(''))
  } finally {
    await spool.stop()
  }
})
