import { type SpoolUnderTest, startSpool } from '@spool/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { demoScript } from '../../services/llm-proxy/src/providers/demo/demo-script.ts'
import { chainProblems, textOf } from './support/follower.ts'
import { get, stream } from './support/system.ts'

let spool: SpoolUnderTest

beforeAll(async () => {
  spool = await startSpool()
})

afterAll(() => spool?.stop())

interface Snapshot {
  messages: { role: string; text: string }[]
}

const texts = {
  'a null character': 'before\u0000after',
  'lone surrogates': 'high \ud800 low \udc00 end \ud83d',
  '30,000 emoji': '👩‍💻'.repeat(10_000) + '🎉'.repeat(10_000) + '🇪🇺'.repeat(10_000),
  'text from right to left': 'שלום עולם \u202Eabc\u202C مرحبا بالعالم',
  'every kind of line end': 'a\nb\r\nc\rd\u2028e\u2029f',
}

for (const [index, [name, text]] of Object.entries(texts).entries()) {
  test(`${name} is streamed and stored as it was said`, async () => {
    // The parts of a message take 128 KiB of JSON.
    const said = Buffer.byteLength(text) > 120_000 ? [...text].slice(0, 30_000).join('') : text
    const followed = await stream(spool, `verbatim-${index}`, { message: said, model: 'demo/echo?tps=0' })
    expect(followed.status).toBe(200)
    expect(chainProblems(followed.frames)).toEqual([])
    const added = followed.frames.find((frame) => frame.event === 'message.added')!
    expect(added.data['parts']).toEqual([{ type: 'text', text: said }])
    expect(textOf(followed.frames)).toBe(said)
    // Postgres cannot hold these in a snapshot; the log has them.
    const shown = said.replaceAll('\u0000', '').toWellFormed()
    const { messages } = await get<Snapshot>(spool, `/v1/sessions/verbatim-${index}/messages`)
    expect(messages.map((message) => message.text.toWellFormed().replaceAll('\u0000', ''))).toEqual([shown, shown])
  })
}

test('an answer of 100,000 emoji comes whole', async () => {
  const model = 'demo/emoji?count=100000&tps=0'
  const followed = await stream(spool, 'emoji', { message: 'go', model })
  expect(chainProblems(followed.frames)).toEqual([])
  const whole = demoScript(model).join('')
  expect(textOf(followed.frames) === whole).toBe(true)
  const { messages } = await get<Snapshot>(spool, '/v1/sessions/emoji/messages')
  expect(messages.at(-1)!.text === whole).toBe(true)
})
