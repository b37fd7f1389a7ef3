import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type SpoolUnderTest, startSpool } from '@spool/testing'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { Gate, refuses, says, tells } from '../../services/llm-proxy/test/support/fault-server-acts.ts'
import { FaultServer } from '../../services/llm-proxy/test/support/fault-server.ts'
import { type Frame, chainProblems, textOf } from './support/follower.ts'
import { followRun, get, start, stream, until } from './support/system.ts'

const story = Array.from({ length: 200 }, (_, index) => `word${index}`).join(' ')
const beginning = story.slice(0, 300)
const keys = { FIRST_KEY: 'first-key-of-no-known-form', SECOND_KEY: 'second-key-of-no-known-form' }

const folder = mkdtempSync(join(tmpdir(), 'spool-failover-'))
const [first, second] = [new FaultServer(), new FaultServer()]
let spool: SpoolUnderTest

beforeAll(async () => {
  await Promise.all([first.listen(), second.listen()])
  const file = join(folder, 'spool.config.yaml')
  writeFileSync(file, configFile(first.url, second.url))
  spool = await startSpool({ copies: { 'llm-proxy': 2 }, env: { SPOOL_CONFIG: file, ...keys } })
})
afterEach(() => first.resets(false))
afterAll(async () => {
  await spool?.stop()
  await Promise.all([first.close(), second.close()])
  rmSync(folder, { recursive: true })
})

/** Two providers with two wire formats; each alias has ways of its own, so that no test is left out for another's sake. */
function configFile(firstUrl: string, secondUrl: string): string {
  const ways = (alias: string) => `
  ${alias}:
    - provider: openai-compatible
      model: first-model
      base_url: ${firstUrl}
      key_env: FIRST_KEY
    - provider: anthropic
      model: second-model
      base_url: ${secondUrl}
      key_env: SECOND_KEY`
  return `models:\n  default: [{ provider: demo, model: demo }]${['dying', 'killed', 'down'].map(ways).join('')}\n`
}

const startsOf = (frames: readonly Frame[]) =>
  frames.filter(({ event }) => event === 'generation.started').map(({ data }) => data)

test("when a provider dies in mid-answer another one's model goes on in mid-sentence, in front of the same client", async () => {
  const died = new Gate()
  first.answers(says(beginning, died.passed))
  second.answers(tells(story))
  const seen: Frame[][] = Array.from({ length: 20 }, () => [])
  const streams = seen.map((frames, index) =>
    stream(
      spool,
      `dying-${index}`,
      { message: 'Tell me.', model: 'dying' },
      { onFrame: (one) => void frames.push(one) },
    ),
  )
  await until('all have begun', () => seen.every((frames) => textOf(frames) === beginning))
  first.resets(true)
  died.open()
  for (const { frames } of await Promise.all(streams)) {
    expect(chainProblems(frames)).toEqual([])
    expect(textOf(frames)).toBe(story)
    expect(frames.at(-1)!.event).toBe('run.completed')
    const starts = startsOf(frames)
    expect(starts[0]).toMatchObject({ reason: 'first', kept: 0, provider: 'openai-compatible' })
    expect(starts.at(-1)).toMatchObject({ reason: 'failover', kept: beginning.length, provider: 'anthropic' })
  }
  const { messages } = await get<{ messages: { text: string }[] }>(spool, '/v1/sessions/dying-7/messages')
  expect(messages[1]!.text).toBe(story)
})

test('a proxy that is killed after a failover is taken over on the route that it had come to', async () => {
  const halfway = new Gate()
  first.answers(refuses(401))
  second.answers(says(beginning, halfway.passed), tells(story))
  const { run } = await start(spool, 'killed', { message: 'Tell me.', model: 'killed' })
  const seen: Frame[] = []
  const watching = followRun(spool, 'killed', run, { onFrame: (one) => void seen.push(one) })
  await until('it has begun', () => textOf(seen) === beginning)
  const worker = String(startsOf(seen).at(-1)!['worker'])
  spool.kill('llm-proxy', Number(/^llm-proxy-(\d+)-/.exec(worker)![1]))
  const frames = await watching
  halfway.open()
  expect(textOf(frames, run)).toBe(story)
  expect(startsOf(frames).map(({ reason, model }) => [reason, model])).toEqual([
    ['first', 'first-model'],
    ['failover', 'second-model'],
    ['takeover', 'second-model'],
  ])
})

test('when no provider can answer the run says so, lists what was tried, and no key is to be read anywhere', async () => {
  first.answers(refuses(503, { message: keys.FIRST_KEY }))
  second.answers(refuses(403, { message: keys.SECOND_KEY }))
  const { frames } = await stream(spool, 'down', { message: 'Hello', model: 'down' })
  expect(chainProblems(frames)).toEqual([])
  const { event, data } = frames.at(-1)!
  expect(event).toBe('run.failed')
  expect(data['error']).toMatchObject({ code: 'provider_refused', retryable: true })
  expect(
    (data['attempts'] as { model: string; error: { code: string } }[]).map((one) => [one.model, one.error.code]),
  ).toEqual([
    ['first-model', 'provider_unavailable'],
    ['first-model', 'provider_unavailable'],
    ['first-model', 'provider_unavailable'],
    ['second-model', 'provider_refused'],
  ])
  const waited = await start(spool, 'down', { message: 'Hello', model: 'down' }, { prefer: 'wait=20' })
  expect(waited).toMatchObject({ status: 200, body: { status: 'failed', error: { message: expect.any(String) } } })
  expect(spool.logs()).toContain('A call failed')
  for (const readable of [JSON.stringify(frames), JSON.stringify(await get(spool, '/v1/status')), spool.logs()]) {
    for (const key of Object.values(keys)) expect(readable).not.toContain(key)
  }
})
