import type { SpoolUnderTest } from '@spool/testing'
import { expect, onTestFinished, test } from 'vitest'
import { askJson, ChatStream } from './support/chat-stream.ts'
import type { Target } from './support/target.ts'

/** What no address alone can show: the store stands still just before the end. */
export function storeFrozen(target: () => Target, spool: () => SpoolUnderTest): void {
  test('`[DONE]` waits for a store that stands still, with signs of life, and comes when it goes on', async () => {
    const body = { message: 'go', model: 'demo/steady?tokens=20&tps=50&seed=1' }
    const stream = await ChatStream.open(target(), '/chat/stream', { body })
    await stream.until(({ frames }) => frames.length >= 3)
    const pid = spool().pidOf('persistence')
    const goOn = () => process.kill(pid, 'SIGCONT')
    process.kill(pid, 'SIGSTOP')
    onTestFinished(() => void goOn())
    const text = () => stream.jsons.map(({ content }) => content ?? '').join('')
    await stream.until(() => text().endsWith('20.'))
    const comments = stream.comments + 3
    await stream.until(() => stream.comments >= comments)
    expect(stream.datas).not.toContain('[DONE]')
    goOn()
    await stream.ended()
    expect(stream.datas.at(-1)).toBe('[DONE]')
    const { json } = await askJson(target(), `/sessions/${stream.session}/messages`)
    expect(json).toMatchObject([{ role: 'user' }, { role: 'assistant', content: text(), metadata: {} }])
  })
}
