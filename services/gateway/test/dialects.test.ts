import { newId } from '@spool/events'
import { Blobs, wholeRequest } from '@spool/log'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { call, Watcher } from './support/http.ts'
import { KEY, startSystem, type System } from './support/system.ts'

let system: System

beforeAll(async () => {
  system = await startSystem()
})

afterAll(() => system.stop())

const ask = (body: object, headers: Record<string, string> = {}) =>
  Watcher.open(system.url, '/chat/stream', { body, headers })

test('a stream that was cut at any frame goes on with the next, and starts nothing', async () => {
  const whole = await ask({ message: 'hello', session_id: 4711 })
  await whole.over
  const datas = whole.frames.map(({ data }) => data)
  expect(datas.at(-1)).toBe('[DONE]')
  expect(whole.headers['x-spool-session']).toBe('4711')
  const runs = system.orchestrator.taken.length
  for (const [index, { id }] of whole.frames.entries()) {
    if (id === undefined) continue
    const rest = await Watcher.open(system.url, `/chat/stream?session_id=4711&after=${id}`)
    await rest.over
    expect(rest.frames.map(({ data }) => data)).toEqual(datas.slice(index + 1))
    const posted = await ask({ message: 'hello', session_id: 4711 }, { 'last-event-id': id })
    await posted.over
    expect(posted.frames.map(({ data }) => data)).toEqual(datas.slice(index + 1))
  }
  const again = await Watcher.open(system.url, '/chat/stream?session_id=4711')
  await again.over
  expect(again.frames.map(({ data }) => data)).toEqual(datas)
  expect(system.orchestrator.taken).toHaveLength(runs)
})

test('an answer in one piece is the finished message', async () => {
  const { status, json } = await call(system.url, '/chat', { body: { message: 'hello' } })
  expect(status).toBe(200)
  expect(json).toEqual({ session_id: expect.any(String), message: 'Hello, world!' })
})

const plan = (session_id: string, more: object = {}) => ({
  session_id,
  dialogue_history: [{ role: 'user', content: 'hello' }],
  ...more,
})
const frameOf = (stream: Watcher, name: string) => {
  const frame = stream.frames.find(({ event }) => event === name)
  return frame && (JSON.parse(frame.data) as { data: Record<string, unknown> })
}
const none = { input_tokens: 0, output_tokens: 0 }

test('what lies in a blob is fetched before its frame is written, and nothing overtakes it', async () => {
  const ref = { tenant: 'default', session: newId() }
  const content = `# Long\n\n${'é'.repeat(300_000)}`
  const blob = await new Blobs(system.bus).put(ref, Buffer.from(content), 'text/markdown')
  const lost = newId()
  system.persistence.answers.set('blob', () => null)
  onTestFinished(() => {
    system.orchestrator.afterwards = null
    system.persistence.answers.delete('blob')
  })
  system.orchestrator.afterwards = async (_, run) => {
    const about = { run, kind: 'design_document', title: 'Long', filename: 'long.md', media_type: 'text/markdown' }
    await system.orchestrator.append(ref, 'artifact.created', { ...about, artifact: 'a', blob })
    await system.orchestrator.append(ref, 'artifact.created', { ...about, artifact: 'b', blob: lost })
    await system.orchestrator.append(ref, 'custom.after', { run, data: 1 })
    await system.orchestrator.append(ref, 'run.completed', {
      run,
      status: 'done',
      usage: none,
      steps: 1,
      duration_ms: 1,
    })
  }
  const path = '/api/chat/agent'
  const stream = await Watcher.open(system.url, path, { body: plan(ref.session) })
  expect(await stream.over).toBe(true)
  const tail = ['design_document_generated', 'design_document_generated', 'custom.after', 'conversation_end']
  expect(stream.frames.map(({ event }) => event).slice(-6)).toEqual([...tail, 'complete', 'close'])
  expect(frameOf(stream, tail[0]!)?.data).toMatchObject({ filename: 'long.md', content })
  const [, other] = stream.frames.filter(({ event }) => event === tail[0])
  expect(JSON.parse(other!.data)).toMatchObject({ data: { content: null, content_url: expect.stringContaining(lost) } })
  const document = stream.frames.findIndex(({ event }) => event === tail[0])
  const before = await Watcher.open(
    system.url,
    `${path}?session_id=${ref.session}&after=${stream.frames[document - 1]!.id}`,
  )
  await before.over
  expect(frameOf(before, tail[0]!)?.data['content']).toBe(content)
})

test('a request of which the queue takes no more than its name travels as a blob', async () => {
  const session = newId()
  const tool_execution_results = { page: '文'.repeat(300_000) }
  const body = plan(session, { tool_execution_results })
  const stream = await Watcher.open(system.url, '/api/chat/agent', { body })
  await stream.over
  const { request } = system.orchestrator.taken.at(-1)!
  expect(request).toMatchObject({ parts: [], blob: expect.any(String) })
  expect(request.context).toBeUndefined()
  const whole = await wholeRequest(new Blobs(system.bus), { tenant: 'default', session }, request)
  expect(whole).toMatchObject({ run: request.run, context: { tool_execution_results } })
})

test('frames that are collected come in few pieces, and are not kept back for long', async () => {
  const goOn = Promise.withResolvers<void>()
  onTestFinished(() => {
    goOn.resolve()
    system.orchestrator.answers = () => ['Hello, world!']
  })
  system.orchestrator.answers = async function* () {
    yield 'first'
    await goOn.promise
    for (let token = 0; token < 200; token++) yield ` ${token}`
  }
  const body = plan(newId(), { buffer_events: true })
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' }
  const response = await fetch(`${system.url}/api/chat/agent`, { method: 'POST', headers, body: JSON.stringify(body) })
  const pieces: string[] = []
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    pieces.push(piece)
    if (piece.includes('first')) goOn.resolve()
  }
  expect(pieces.join('')).toContain(' 199')
  expect(pieces.length, '200 events and more, 32 in a piece').toBeLessThan(40)
})
