import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type SpoolUnderTest, startSpool } from '@spool/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ModelStatus, RouteOverall } from '../../services/gateway/src/health/model-statuses.ts'
import { type Upstream, startUpstream } from '../../services/llm-proxy/test/providers/upstream.ts'
import { textOf } from './support/follower.ts'
import { get, stream, until } from './support/system.ts'

const KEY = 'a-key-of-no-known-form-4712'

let folder: string
let upstream: Upstream
let spool: SpoolUnderTest

beforeAll(async () => {
  upstream = await startUpstream()
  folder = mkdtempSync(join(tmpdir(), 'spool-route-status-'))
  const file = join(folder, 'spool.config.yaml')
  writeFileSync(
    file,
    `models:
  default:
    - { provider: openai-compatible, model: ill, base_url: "${upstream.url}", key_env: ILL_KEY, attempts: 1 }
    - { provider: demo, model: demo/echo?tps=0 }
`,
  )
  spool = await startSpool({ copies: { 'llm-proxy': 2 }, env: { SPOOL_CONFIG: file, ILL_KEY: KEY } })
})
afterAll(async () => {
  await spool?.stop()
  await upstream?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** As both copies see them: one that is slow to answer is not waited for, so ask again. */
async function routes(): Promise<readonly RouteOverall[]> {
  let found: readonly RouteOverall[] = []
  await until('both copies are heard', async () => {
    const { models } = await get<{ models: ModelStatus[] }>(spool, '/v1/status')
    found = models.find(({ model }) => model === 'default')?.routes ?? []
    return found.length === 2 && found.every(({ copies }) => copies.length === 2)
  })
  return found
}

test('a route that keeps failing is left out by one copy, then by all; every question is answered all the while', async () => {
  upstream.answerWith((response) => response.writeHead(503).end('{}'))
  const states: string[] = []
  for (let question = 1; states.at(-1) !== 'left_out'; question++) {
    const { frames } = await stream(spool, `s-${question}`, { message: 'Still there?' })
    expect(textOf(frames)).toContain('Still there?')
    const [ill, demo] = await routes()
    expect(demo?.state).toBe('ok')
    if (states.at(-1) !== ill!.state) states.push(ill!.state)
    // Five failures in a row each; whichever copy takes a question.
    expect(question).toBeLessThan(100)
  }
  expect(states).toEqual(['ok', 'degraded', 'left_out'])
  const [ill] = await routes()
  expect(ill).toMatchObject({ provider: 'openai-compatible', model: 'ill' })
  expect(ill!.copies.map(({ instance, last_error }) => [instance, last_error?.code])).toEqual([
    ['llm-proxy-1', 'provider_unavailable'],
    ['llm-proxy-2', 'provider_unavailable'],
  ])
  for (const { back_at } of ill!.copies) expect(Date.parse(back_at!)).toBeGreaterThan(Date.now() - 10_000)
})

test('neither the key nor the address of a provider is in the status, nor a model that only a message named', async () => {
  await stream(spool, 'named', { message: 'Hello', model: 'demo/steady?tokens=3' })
  await routes()
  const text = JSON.stringify(await get(spool, '/v1/status'))
  expect(text).toContain('llm-proxy-')
  for (const secret of [KEY, new URL(upstream.url).host, 'steady']) expect(text).not.toContain(secret)
})
