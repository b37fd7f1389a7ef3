import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { newId } from '@spool/events'
import { Bus, listKeys } from '@spool/log'
import { type RunningNats, type SpoolUnderTest, startNats, startSpool } from '@spool/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { logStreams, natsAccounts } from '../../../infra/dev/src/nats/nats-accounts.ts'
import { spoolWith } from './support/run-spool.ts'

const passwords = { gateway: 'a', 'agent-orchestrator': 'b', 'llm-proxy': 'c', persistence: 'd' }
let nats: RunningNats
let spool: SpoolUnderTest
let run: ReturnType<typeof spoolWith>
beforeAll(async () => {
  // As in production: nobody gets in without a password, and all of Spool, and `spool`, have it from the URL.
  const accounts = natsAccounts(logStreams(1), { ...passwords, spool: 'for-spool', reader: 'for-readers' })
  nats = await startNats({ config: accounts })
  spool = await startSpool({ copies: { 'llm-proxy': 2 }, nats: { url: withPassword() } })
  run = spoolWith({ SPOOL_DATA: spool.dataFolder })
})
afterAll(async () => {
  await spool?.stop()
  await nats?.stop()
})

const withPassword = () => nats.url.replace('//', '//spool:for-spool@')

const status = async (key: string) =>
  (await fetch(`${spool.url}/v1/status`, { headers: { authorization: `Bearer ${key}` } })).status

test('a key is shown once, listed without itself, and admits nobody any more once it is revoked', async () => {
  const created = await run('keys', 'create', '--tenant', 'acme', '--name', 'Büro → "laptop"')
  expect(created).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/of the tenant acme\. It is shown this once\./),
  })
  const key = created.stdout.trim()
  expect(key).toMatch(/^spool_[\w-]{32}$/)
  await expect.poll(() => status(key)).toBe(200)

  const listed = await run('keys', 'list', '--tenant', 'acme', '--json')
  expect(listed.stdout).not.toContain(key)
  expect(listed.documents).toMatchObject([{ tenant: 'acme', name: 'Büro → "laptop"', expires: null }])
  const [{ id }] = listed.documents as [{ id: string }]
  expect((await run('keys')).stdout).toMatch(new RegExp(`^${id}  acme `, 'm'))

  const revoked = await run('keys', 'revoke', id.slice(0, 8), '--json')
  expect(revoked).toMatchObject({ code: 0, documents: [{ revoked: true, id, tenant: 'acme' }] })
  await expect.poll(() => status(key)).toBe(401)
  expect((await run('keys', 'list', '--tenant', 'acme')).stdout).toBe('')
  expect(await run('keys', 'revoke', id)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('No key has the id'),
  })
  expect(await status(spool.key)).toBe(200)
})

test('a key with scopes does what they say, and is listed with them', async () => {
  const { stdout } = await run('keys', 'create', '--tenant', 'scoped', '--scopes', 'run, read')
  const key = stdout.trim()
  await expect.poll(() => status(key)).toBe(200)
  const erased = await fetch(`${spool.url}/v1/sessions/s`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${key}` },
  })
  expect(erased.status).toBe(403)
  const listed = await run('keys', 'list', '--tenant', 'scoped', '--json')
  expect(listed.documents).toMatchObject([{ scopes: ['read', 'run'] }])
  expect((await run('keys')).stdout).toMatch(/ scoped .* read,run/)
})

test('what is streamed under a key is cut off when the key is revoked, and what is streamed under others is not', async () => {
  const [{ key, id }] = (await run('keys', 'create', '--json')).documents as [{ key: string; id: string }]
  await expect.poll(() => status(key)).toBe(200)
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const url = `${spool.url}/v1/sessions/cut`
  const started = await fetch(`${url}/runs`, { method: 'POST', headers, body: '{"message":"Hi"}' })
  expect(started.status).toBe(202)
  const streamUnder = async (holder: string) => {
    const response = await fetch(`${url}/events`, {
      headers: { authorization: `Bearer ${holder}`, accept: 'text/event-stream' },
    })
    const reader = response.body!.getReader()
    await reader.read()
    return reader
  }
  const [mine, other] = await Promise.all([streamUnder(key), streamUnder(spool.key)])
  await run('keys', 'revoke', id)
  const toItsEnd = async () => {
    while (!(await mine.read()).done) continue
  }
  await expect(toItsEnd()).rejects.toThrow()
  expect(await status(key)).toBe(401)
  // The other one goes on: what happens next in the session arrives.
  await fetch(`${url}/runs`, {
    method: 'POST',
    headers: { ...headers, authorization: `Bearer ${spool.key}` },
    body: '{"message":"again, please"}',
  })
  let text = ''
  const decoder = new TextDecoder()
  while (!text.includes('again, please')) {
    const { value, done } = await other.read()
    expect(done).toBe(false)
    text += decoder.decode(value, { stream: true })
  }
  await other.cancel()
})

test('a key that has expired admits nobody', async () => {
  const soon = new Date(Date.now() + 1500).toISOString()
  const { stdout } = await run('keys', 'create', '--expires', soon)
  const key = stdout.trim()
  await expect.poll(() => status(key)).toBe(200)
  await expect.poll(() => status(key), { timeout: 10_000 }).toBe(401)
  expect((await run('keys', 'list')).stdout).toContain(`${soon} (over)`)
})

test.each([
  [['create', '--tenant', 'a.b'], /A tenant is named by/],
  [['create', '--tenant', '*'], /A tenant is named by/],
  [['create', '--name', 'a\u001B[2Jb'], /without control characters/],
  [['create', '--expires', 'soon'], /--expires takes/],
  [['create', '--scopes', 'read,write'], /--scopes takes/],
  [['create', '--scopes', ''], /--scopes takes/],
  [['revoke', 'abc'], /at least 4/],
  [['revoke', '../../x'], /Nothing was revoked/],
  [['revoke'], /spool keys revoke <id>/],
  [['delete', 'abcd'], /spool keys create/],
])('spool keys %j is refused before anything is done', async (words, message) => {
  const before = (await run('keys', 'list')).stdout
  expect(await run('keys', ...words)).toMatchObject({ code: 2, stderr: expect.stringMatching(message) })
  expect((await run('keys', 'list')).stdout).toBe(before)
})

test('the beginning of an id that fits several keys revokes none of them', async () => {
  const bus = await Bus.connect({ servers: withPassword(), name: 'test' })
  try {
    for (const end of ['1', '2']) {
      await bus.js.publish(`$KV.KEYS.${'beef'.repeat(15)}000${end}`, JSON.stringify({ tenant: 'twins', name: end }))
    }
    expect(await run('keys', 'revoke', 'beefbeef')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('fits 2 keys'),
    })
    expect((await listKeys(bus)).filter(({ tenant }) => tenant === 'twins')).toHaveLength(2)
    expect(await run('keys', 'revoke', `${'beef'.repeat(15)}0001`)).toMatchObject({ code: 0 })
    expect((await listKeys(bus)).filter(({ tenant }) => tenant === 'twins')).toMatchObject([{ name: '2' }])
  } finally {
    await bus.close()
  }
})

test('the program itself finds what `npm start` runs in its folder, and says so where nothing does', async () => {
  const program = join(import.meta.dirname, '../bin/spool.mjs')
  const spawned = (env: NodeJS.ProcessEnv) =>
    promisify(execFile)(process.execPath, [program, 'keys', 'list', '--json'], {
      env: { PATH: process.env['PATH'], ...env },
    })
  const { stdout } = await spawned({ SPOOL_DATA: spool.dataFolder })
  expect(stdout).toContain('"name":"development"')
  await expect(spawned({ SPOOL_DATA: '/nowhere' })).rejects.toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/npm start.*NATS_URL/),
  })
})

test('an answer whose proxy is frozen is seen in the jobs, is taken over when it is requeued, and is written once', async () => {
  const headers = { authorization: `Bearer ${spool.key}`, 'content-type': 'application/json' }
  const session = newId()
  const answering = async () => (await run('jobs', '--kind', 'llm', '--session', session, '--json')).documents
  const url = `${spool.url}/v1/sessions/${session}`
  const body = JSON.stringify({ message: 'go', model: 'demo/steady?tokens=150&tps=60&seed=4' })
  const started = (await (await fetch(`${url}/runs`, { method: 'POST', headers, body })).json()) as { run: string }
  const held = { kind: 'llm', tenant: 'default', session, run: started.run, attempt: 1 }
  await expect.poll(answering).toMatchObject([{ ...held, state: 'in work' }])
  const [{ id, instance, worker }] = (await answering()) as [{ id: string; instance: string; worker: string }]
  const pid = spool.pidOf('llm-proxy', Number(instance.split('-').at(-1)))
  process.kill(pid, 'SIGSTOP')
  try {
    expect(await answering()).toMatchObject([{ ...held, id, state: 'silent', attempt_by: worker }])
    expect(await run('jobs', 'requeue', id)).toMatchObject({ code: 0 })
    await expect.poll(answering, { timeout: 20_000 }).toMatchObject([{ id, state: 'in work', attempt: 2 }])
    expect((await answering())[0]).not.toMatchObject({ instance })
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  await expect.poll(answering, { timeout: 20_000 }).toEqual([])
  const read = async () => {
    const page = await fetch(`${url}/events?limit=1000`, { headers: { ...headers, accept: 'application/json' } })
    return ((await page.json()) as { events: { type: string; purpose?: string; text?: string }[] }).events
  }
  // Its job is done a step before its run is.
  await expect.poll(async () => (await read()).at(-1)?.type, { timeout: 20_000 }).toBe('run.completed')
  const events = await read()
  const count = (type: string) => events.filter((event) => event.type === type).length
  expect([count('generation.started'), count('message.completed'), count('run.completed')]).toEqual([2, 1, 1])
  const text = events.filter(({ type }) => type === 'text.delta').map(({ text: piece }) => piece)
  expect(text.join('').trim().split(' ')).toHaveLength(150)
})

test('a wrong password of NATS is told as such', async () => {
  const wrong = await spoolWith({ NATS_URL: nats.url.replace('//', '//spool:for-readers@') })('keys')
  expect(wrong).toMatchObject({ code: 3, stderr: expect.stringMatching(/refuses the user and the password/) })
})

test('the user of readers is told that it is not the one for this', async () => {
  const NATS_URL = nats.url.replace('//', '//reader:for-readers@')
  for (const command of ['keys', 'jobs', 'log']) {
    const said = await spoolWith({ NATS_URL })(command)
    expect(said).toMatchObject({ code: 3, stderr: expect.stringMatching(/no JetStream for the user of NATS_URL/) })
  }
})

test('nobody is shown the password of NATS', async () => {
  const { stdout, stderr } = await spoolWith({
    NATS_URL: 'nats://spool:for-nobody@127.0.0.1:1',
    SPOOL_CONNECT_MS: '200',
  })('jobs')
  expect(stderr).toContain('NATS does not answer at nats://127.0.0.1:1')
  expect(stdout + stderr + spool.logs()).not.toMatch(/for-nobody|for-spool/)
})
