import { execFile } from 'node:child_process'
import { get } from 'node:http'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type ClientEvent, isQuestion, isReset, Spool } from '@spool/client'
import { DIALECTS } from '@spool/dialects'
import { purgeBefore } from '@spool/log'
import { type SpoolUnderTest, startSpool } from '@spool/testing'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { Connections } from '../src/connecting/connections.ts'
import { cliSettings } from '../src/connecting/settings.ts'
import { runCli } from '../src/index.ts'
import { spoolWith } from './support/run-spool.ts'
import { atTerminal, CTRL_C, CTRL_D, ENTER } from './support/terminal.ts'

const bin = fileURLToPath(new URL('../bin/spool.mjs', import.meta.url))

let system: SpoolUnderTest
let env: Record<string, string>
let spool: Spool
let run: ReturnType<typeof spoolWith>

beforeAll(async () => {
  system = await startSpool()
  env = { SPOOL_DATA: system.dataFolder }
  spool = new Spool({ url: system.url, key: system.key })
  run = spoolWith(env)
})
afterAll(() => system?.stop())

/** The answers of a session, as they are stored. */
async function answers(session: string): Promise<string[]> {
  const { messages } = await spool.session(session).messages()
  return messages.filter(({ role }) => role === 'assistant').map(({ text }) => text)
}

async function piped(lines: string, ...args: string[]) {
  const { stdout } = await promisify(execFile)(
    'sh',
    ['-c', `printf '${lines}' | ${process.execPath} ${bin} "$@"`, 'sh', ...args],
    {
      env: { ...process.env, ...env },
    },
  )
  return stdout
}

describe('spool chat', () => {
  test('takes a message per line from a pipe, and the answer of a question likewise', async () => {
    const text = await piped(
      'send a postcard to Ada\\nmodify shorter\\nconfirm\\n',
      'chat',
      '-s',
      'piped',
      '--agent',
      'demo-plan',
    )
    expect(text.match(/May this plan be carried out\?/g)).toHaveLength(2)
    expect(text).toMatch(/ {5}demo_postcard \{"to":"Ada".*\(round 2\).*→ demo_postcard \{.*← demo_postcard .*receipt/s)
    expect(text.trimEnd().endsWith((await answers('piped')).at(-1)!)).toBe(true)
  })

  test('shows an answer whole and once although the gateway dies in the middle of it', async () => {
    const terminal = atTerminal(env, 'chat', '-s', 'cut', '--model', 'demo/steady?tokens=150&tps=60&seed=7')
    await terminal.sees('> ')
    terminal.type(`go${ENTER}`)
    await terminal.sees(/(\S+ ){20}/)
    system.kill('gateway')
    await terminal.sees('\n\n> ')
    terminal.type(CTRL_D)
    expect(await terminal.ended).toBe(0)
    await system.waitReady()
    const shown = terminal.shown().replace(/ reconnecting …[\b]+/, '')
    const [answer] = await answers('cut')
    expect(shown.split(answer!.trimEnd())).toHaveLength(2)
    expect(shown).toContain('Go on with: npx spool chat --session cut')
  })

  test('cancels the answer at the first Ctrl-C, says what is kept, and leaves at the prompt', async () => {
    const terminal = atTerminal(env, 'chat', '-s', 'stopped', '--model', 'demo/steady?tokens=9000&tps=100&seed=8')
    await terminal.sees('> ')
    terminal.type(`go${ENTER}`)
    await terminal.sees(/(\S+ ){10}/)
    terminal.type(CTRL_C)
    await terminal.sees('Cancelled. What was written is kept:')
    await terminal.sees('> ')
    terminal.type(CTRL_C)
    expect(await terminal.ended).toBe(130)
    const [kept] = await answers('stopped')
    expect(terminal.shown()).toContain(`kept: ${kept!.length} characters`)
  })

  test('shows what was said before, follows what goes on, and says that a question was answered elsewhere', async () => {
    const session = spool.session('joined')
    const asked = await session.send('send a postcard to Ada', { agent: 'demo-plan' })
    for await (const event of asked.events) if (isQuestion(event)) break
    const terminal = atTerminal(env, 'chat', '-s', 'joined')
    await terminal.sees('> send a postcard to Ada')
    await terminal.sees('demo_postcard {"to":"Ada"')
    await terminal.sees('or cancel? ')
    terminal.type(`perhaps${ENTER}`)
    await terminal.sees('Type confirm')
    const { session: waiting } = await session.snapshot()
    await session.confirm(waiting.question!, { action: 'confirm', user: 'grace' })
    await terminal.sees('Answered elsewhere: confirm by grace (http)')
    // It is no answer any more, but what is said next.
    terminal.type(`thanks${ENTER}`)
    await terminal.sees('← demo_postcard')
    await terminal.sees('> thanks')
    await terminal.sees('or cancel? ')
    terminal.type(`n${ENTER}`)
    await terminal.sees('Cancelled: what was proposed is not done.')
    await terminal.sees('> ')
    terminal.type(CTRL_D)
    expect(await terminal.ended).toBe(0)
    expect(terminal.shown()).toContain((await answers('joined'))[0]!.trimEnd())
  })

  test('tells a failure as a sentence and in its exit code, and each event as JSON', async () => {
    const failed = await run('chat', '-m', 'hi', '--model', 'demo/fail?after=0&code=provider_refused', '--json')
    expect(failed.code).toBe(1)
    expect(failed.documents.map(({ type }) => type)).toEqual(expect.arrayContaining(['run.started', 'run.failed']))
    expect(failed.documents.every(({ cursor }) => /^1-\d+$/.test(String(cursor)))).toBe(true)
    const refused = await run('chat', '-m', 'hi', '--agent', 'nobody')
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no agent "nobody"') })
    const waits = await run('chat', '-m', 'send a postcard to Ada', '--agent', 'demo-plan')
    expect(waits).toMatchObject({ code: 1, stderr: expect.stringMatching(/waits for an answer.*--session chat-/s) })
  })

  test('says who is missing where no gateway is', async () => {
    const nobody = await spoolWith({ SPOOL_DATA: '/nowhere' })('chat', '-m', 'hi')
    expect(nobody).toMatchObject({ code: 3, stderr: expect.stringContaining('SPOOL_URL') })
  })
})

describe('a session that was recorded', () => {
  const session = 'recorded'
  let events: ClientEvent[]
  let firstRun: string

  beforeAll(async () => {
    const first = await spool.session(session).send('Say \u001B[2J\u009Bhello', { model: 'demo/echo?tps=0' })
    await first.text()
    firstRun = first.run
    await (await spool.session(session).send('and again', { model: 'demo/steady?tokens=30&tps=60&seed=9' })).text()
    const all = await run('tail', session, '--no-follow', '--json')
    events = all.documents as unknown as ClientEvent[]
  })

  test('is told by tail, event by event and from any cursor, without anything that a terminal obeys', async () => {
    expect(events.map(({ prev }) => prev)).toEqual([0, ...events.slice(0, -1).map(({ seq }) => seq)])
    expect(events.map(({ cursor, seq }) => cursor === `1-${seq}`)).not.toContain(false)
    const rest = await run('tail', session, '--no-follow', '--json', '--from', events[4]!.cursor)
    expect(rest.documents).toEqual(events.slice(5))

    const text = (await run('tail', session, '--no-follow')).stdout
    expect(text).toMatch(/run\.started .*\n.*message\.added +user: Say ␛\[2J<U\+009B>hello\n/)
    expect(text).toMatch(/text\.delta +Say ␛\[2J<U\+009B>hello\n/)
    const lines = (await run('tail', session, '--no-follow', '--events')).stdout.trimEnd().split('\n')
    expect(lines.map((line) => line.split(' ', 1)[0])).toEqual(events.map(({ cursor }) => cursor))
    expect(await run('tail', 'nothing-here')).toMatchObject({ code: 1, stderr: 'There is no session nothing-here.\n' })
    expect(await run('tail', session, '--from', '17')).toMatchObject({ code: 2 })
  })

  test('is followed by tail until somebody ends it', async () => {
    const terminal = atTerminal(env, 'tail', session, '--from', events.at(-1)!.cursor)
    await (await spool.session('live').send('hi', { model: 'demo/echo' })).text()
    const other = atTerminal(env, 'tail', 'live')
    await other.sees('run.completed')
    await (await spool.session('live').send('more of it', { model: 'demo/echo' })).text()
    await other.sees(/text\.delta +more of it/)
    expect(terminal.shown()).toBe('')
  })

  test('is shown as it stands, and as it stood', async () => {
    const now = (await run('show', session)).stdout
    expect(now).toMatch(
      /^recorded\nagent demo · idle · .*\n\nuser · .*\nSay ␛\[2J<U\+009B>hello\n\ndemo · .* · demo demo\/echo/,
    )
    const ended = events.find(({ type }) => type === 'run.completed')!
    const then = await run('show', session, '--at', ended.cursor, '--json')
    expect(then.documents).toMatchObject([
      {
        cursor: ended.cursor,
        session: { id: session },
        messages: [{ role: 'user' }, { role: 'assistant', status: 'complete' }],
      },
    ])
    expect((await run('show', session, '--at', ended.cursor)).stdout).not.toContain('and again')
  })

  test('is played again in the terminal, to the same words', async () => {
    const told = (await run('tail', session, '--no-follow')).stdout
    expect((await run('replay', session, '--speed', 'max')).stdout).toBe(told)
    const between = await run(
      'replay',
      session,
      '--speed',
      '100x',
      '--json',
      '--from',
      events[2]!.cursor,
      '--to',
      events[9]!.cursor,
    )
    expect(between.documents).toEqual(events.slice(3, 10))
    expect(await run('replay', session, '--dialect', 'telex')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('There is: native, confirmation, chat, planner, agent.'),
    })
    expect(await run('replay', 'nothing-here')).toMatchObject({ code: 1 })
    expect(await run('replay', session, '--from', '1-999999')).toMatchObject({ code: 1 })
    const [from, to] = [events[3]!.cursor, events[2]!.cursor]
    expect(await run('replay', session, '--from', from, '--to', to)).toMatchObject({ code: 2 })
  })

  /** Serves the session to clients, and says where. */
  async function served(...args: string[]): Promise<string> {
    const leaving = new AbortController()
    const said = Promise.withResolvers<string>()
    const stdout = { write: (text: string) => (said.resolve(text), true) }
    const streams = { stdin: process.stdin, stdout, stderr: { write: () => true } } as unknown as Parameters<
      typeof runCli
    >[3]
    const ended = runCli(['replay', session, '--port', '0', '--json', ...args], env, leaving.signal, streams)
    onTestFinished(async () => {
      leaving.abort()
      expect(await ended).toBe(130)
    })
    return (JSON.parse(await said.promise) as { url: string }).url
  }

  async function bytesOf(url: string, path: string, count: number): Promise<string> {
    const headers = {
      authorization: `Bearer ${system.key}`,
      accept: 'text/event-stream',
      'accept-encoding': 'identity',
    }
    const response = await fetch(`${url}/v1/sessions/${session}${path}`, { headers })
    let text = ''
    for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
      text += piece
      if (text.split('\n\n').length > count + 1) break
    }
    return text
      .split('\n\n')
      .slice(0, count + 1)
      .join('\n\n')
  }

  test.each(DIALECTS)('is served in the dialect $name as by a gateway', async ({ name, path }) => {
    const address = path.replace(/:\w+/, 'demo')
    const url = await served('--speed', 'max', '--dialect', name)
    const streamed = async (from: string, query: string, body?: object) => {
      const headers = { authorization: `Bearer ${system.key}`, 'content-type': 'application/json' }
      const asked = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
      const response = await fetch(`${from}${address}${query}`, { headers, ...asked })
      expect(response.headers.get('x-spool-session')).toBe(session)
      // What a stream says of itself: when it was opened, and how long it has lasted.
      return (await response.text()).replaceAll(/("timestamp":"|"duration":|"bytes_sent":)[^",}]*/g, '$1')
    }
    const body = {
      message: 'hi',
      session_id: session,
      dialogue_history: [{ role: 'user', content: 'hi', timestamp: '' }],
    }
    await streamed(url, '', body)
    const again = await streamed(url, '', body)
    expect(again).toBe(await streamed(system.url, `?session_id=${session}`))
    expect(await streamed(url, '', body), 'the last run is told again').toBe(again)
    const [after] = events.filter(({ run: of, type }) => of === firstRun && type === 'text.delta')
    for (const cursor of [after!.cursor, '9-5']) {
      const query = `?session_id=${session}&after=${cursor}`
      expect(await streamed(url, query)).toBe(await streamed(system.url, query))
    }
    const refused = await fetch(`${url}${address}`, { method: 'POST', body: '{}' })
    expect([refused.status, await refused.json()]).toMatchObject([400, { code: 'invalid_body' }])
    expect((await fetch(`${url}/v1/sessions/${session}/runs/${firstRun}/events`)).status, 'beside it').toBe(200)
  })

  test('is served to a client byte by byte as by a gateway, and our own client is satisfied', async () => {
    const url = await served('--speed', 'max')
    const bytes = await bytesOf(url, '/events', events.length)
    expect(bytes).toBe(await bytesOf(system.url, '/events', events.length))

    const replayed = new Spool({ url, key: 'any' }).session(session)
    const followed: ClientEvent[] = []
    for await (const event of replayed.followRun(firstRun)) followed.push(event)
    const window = events.filter(({ run: of }) => of === firstRun)
    expect(followed).toEqual(window)
    const rest: ClientEvent[] = []
    for await (const event of replayed.follow({ after: window.at(-1)!.cursor })) {
      rest.push(event)
      if (rest.length === events.length - window.length) break
    }
    expect([...followed, ...rest]).toEqual(events)

    const status = async (path: string, id?: string) =>
      (await fetch(url + path, { headers: id === undefined ? {} : { 'last-event-id': id } })).status
    expect(await status(`/v1/sessions/${session}/runs/${firstRun}/events`, window.at(-1)!.cursor)).toBe(204)
    expect(await status(`/v1/sessions/${session}/runs/nothing/events`)).toBe(404)
    expect(await status('/v1/sessions/another/events')).toBe(404)
    expect(await status(`/v1/sessions/${session}/events`, 'nonsense')).toBe(400)
    expect(await (await fetch(`${url}/v1/sessions/another/events`)).json()).toMatchObject({
      type: 'urn:spool:problem:session_not_found',
      title: 'Not Found',
      status: 404,
    })
  })

  test('resets a client that comes with a cursor of another life, and goes on from where the others are', async () => {
    const fast = new Spool({ url: await served('--speed', 'max'), key: 'any' }).session(session)
    const last = events.at(-1)!
    const told = await fast.follow({ after: '9-5' }).next()
    expect(told.value).toMatchObject({
      type: 'reset',
      cursor: last.cursor,
      session,
      reason: expect.stringMatching(/epoch/),
    })
    const ofRun: ClientEvent[] = []
    for await (const event of fast.followRun(firstRun, { after: '9-5' })) ofRun.push(event)
    expect(ofRun).toMatchObject([{ type: 'reset', cursor: last.cursor }])

    // So slow that but the first of it has been played yet.
    const slow = new Spool({ url: await served('--speed', '0.00001x', '--from', events[3]!.cursor), key: 'any' })
    const followed: ClientEvent[] = []
    for await (const event of slow.session(session).follow({ after: '1-999999' })) {
      followed.push(event)
      if (isReset(event)) break
    }
    const [reset, ...others] = followed
    expect([isReset(reset!), others]).toEqual([true, []])
    // Where several were recorded in the same millisecond, they were played together.
    const played = events.findIndex(({ cursor }) => cursor === reset!.cursor)
    expect(played).toBeGreaterThanOrEqual(3)
    expect(played).toBeLessThan(events.length - 1)
  })

  test('is served to pages of this machine, and not to one from elsewhere that a browser has open', async () => {
    const url = new URL(`/v1/sessions/${session}/runs/${firstRun}/events`, await served('--speed', 'max'))
    const asked = (headers: Record<string, string>) =>
      new Promise<{ status: number | undefined; mayRead: string | undefined }>((resolve, reject) => {
        get(url, { headers }, (response) => {
          response.destroy()
          resolve({ status: response.statusCode, mayRead: response.headers['access-control-allow-origin'] })
        }).once('error', reject)
      })
    for (const origin of ['http://localhost:5173', 'http://127.0.0.1:3000', 'http://app.localhost']) {
      expect(await asked({ origin })).toEqual({ status: 200, mayRead: origin })
    }
    for (const origin of ['https://elsewhere.example', 'https://localhost.elsewhere.example', 'null']) {
      expect(await asked({ origin })).toEqual({ status: 200, mayRead: undefined })
    }
    // A name from elsewhere that was made to lead here.
    expect(await asked({ host: `elsewhere.example:${url.port}` })).toMatchObject({ status: 421 })
    expect(await asked({ host: `localhost:${url.port}` })).toMatchObject({ status: 200 })
  })

  test('is served at the pace at which it was recorded', async () => {
    const replayed = new Spool({ url: await served('--speed', '0.5x'), key: 'any' }).session(session)
    const second = events.at(-1)!.run!
    const times: { recorded: number; seen: number }[] = []
    for await (const event of replayed.followRun(second, { after: events.at(-20)!.cursor })) {
      times.push({ recorded: Date.parse(String(event['at'])), seen: Date.now() })
    }
    const [first, last] = [times[0]!, times.at(-1)!]
    expect(last.seen - first.seen).toBeGreaterThan((last.recorded - first.recorded) * 1.5)
  })

  test('is played again across the seam between JetStream and Postgres, and while persistence is away', async () => {
    const connections = new Connections(cliSettings(env))
    onTestFinished(() => connections.close())
    // Until all of it is stored.
    await spool.session(session).snapshot()
    system.kill('persistence', 1, 'SIGSTOP')
    onTestFinished(() => system.kill('persistence', 1, 'SIGCONT'))
    await purgeBefore(await connections.logBesidePersistence(), 0, 1, events[7]!.seq)
    const across = await run('replay', session, '--speed', 'max', '--json')
    expect(across.documents).toEqual(events)
    const withoutNats = spoolWith({ ...env, NATS_URL: 'nats://127.0.0.1:1', SPOOL_CONNECT_MS: '300' })
    const database = await withoutNats('replay', session, '--speed', 'max', '--json')
    expect(database).toMatchObject({ code: 0, documents: events, stderr: expect.stringContaining('What Postgres has') })
  })
})

test('a reader of a pipe that takes its time gets everything', async () => {
  // More than a pipe has room for.
  await (await spool.session('long').send('word '.repeat(20_000), { model: 'demo/echo?tps=0' })).text()
  const { stdout: whole } = await promisify(execFile)(process.execPath, [bin, 'show', 'long', '--json'], {
    env: { ...process.env, ...env },
    maxBuffer: 10_000_000,
  })
  const counted = await promisify(execFile)('sh', ['-c', `"${process.execPath}" "${bin}" show long --json | wc -c`], {
    env: { ...process.env, ...env },
  })
  expect(Number(counted.stdout)).toBeGreaterThan(150_000)
  expect(Number(counted.stdout)).toBe(Buffer.byteLength(whole))
})
