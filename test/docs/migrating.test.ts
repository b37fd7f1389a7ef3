import { Spool } from '@spool/client'
import { expect, test } from 'vitest'
import { answers, scriptedServer } from '../../packages/client/test/support/scripted-server.ts'
import { read } from './examples.ts'

const guide = read('docs/migrating-streaming-api.md')

const AsyncFunction = (async () => undefined).constructor as new (
  ...source: string[]
) => (...values: unknown[]) => Promise<void>

/** Each chapter's snippets, with its title. */
const chapters = guide
  .split(/^## /m)
  .map((chapter) => ({
    title: chapter.split('\n', 1)[0]!,
    snippets: [...chapter.matchAll(/```js (before|after)\n(.*?)```/gs)].map(([, when = '', code = '']) => ({
      when,
      code,
    })),
  }))
  .filter(({ snippets }) => snippets.length > 0)

/** What a snippet sends, to a server that takes everything. */
async function sentBy(code: string): Promise<{ path: string; body: unknown }[]> {
  const everything = {
    run: 'r',
    message: 'm',
    cursor: '0',
    chunks: [],
    current_sequence: 4,
    more: false,
  }
  const { url, received } = await scriptedServer(...Array.from({ length: 10 }, () => answers(200, everything)))
  const session = new Spool({ url, key: 'k' }).session('s')
  const given = { session, words: ['Hel', 'lo'], show: () => undefined, message: 'm' }
  const begins = code.includes('const response')
  const known = begins ? given : { ...given, response: session.streamingResponse('m') }
  await new AsyncFunction(...Object.keys(known), code)(...Object.values(known))
  return received.map(({ path, body }) => ({ path, body: body === '' ? null : (JSON.parse(body) as unknown) }))
}

test.each(chapters)('the snippets of the guide run as they stand: $title', async ({ title, snippets }) => {
  const sent = new Map<string, unknown>()
  for (const { when, code } of snippets) {
    const calls = await sentBy(code)
    expect(calls.length, title).toBeGreaterThan(0)
    sent.set(when, calls)
  }
  // What is new does the same as what it replaces.
  if (sent.has('before')) expect(sent.get('after')).toEqual(sent.get('before'))
})

test('the guide shows each of the older calls, and the source names the same replacement', () => {
  const source = read('packages/client/src/producing/streaming-response.ts')
  const deprecated = [...source.matchAll(/@deprecated (.*?)\. Use `(\w+).*?\*\/\s+async (\w+)/g)]
  expect(deprecated.map(([, , , name]) => name)).toEqual([
    'applyStreamingDelta',
    'finishStreamingResponse',
    'abortStreamingResponse',
  ])
  for (const [, since, replacement, name] of deprecated) {
    expect(since).toBe('since 0.2.0, removed in 0.3.0')
    expect(guide).toMatch(new RegExp(`\\| \`${name}\\(.*\`${replacement}\\(`))
  }
})
