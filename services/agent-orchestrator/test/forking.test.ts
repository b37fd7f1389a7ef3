import { type EventFields, type EventType, type SessionState, draft, encodeEvent, newId } from '@spool/events'
import {
  ArchiveUnavailable,
  Blobs,
  ChainWriter,
  type ForkRequest,
  type Queries,
  type SessionRef,
  SessionLoader,
  eraseContent,
} from '@spool/log'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Forker } from '../src/forking/forker.ts'
import { Deployment, eventually, newSession, runRequest } from './support/deployment.ts'

let spool: Deployment
let blobs: Blobs
beforeAll(async () => {
  spool = await Deployment.start()
  blobs = new Blobs(spool.bus)
})
afterAll(() => spool?.stop())

/** A session told event by event. */
async function told(
  ref: SessionRef,
  tell: (say: <Type extends EventType>(type: Type, fields: EventFields<Type>) => Promise<void>) => Promise<void>,
): Promise<string> {
  const writer = new ChainWriter(spool.log, ref, await spool.log.lastPosition(ref))
  await tell(async (type, fields) => {
    await writer.append({ id: newId(), type, body: encodeEvent(draft(type, fields)) })
  })
  return `${spool.log.epochOf(ref)}-${writer.position}`
}

/** A few answered messages, with a file, an artifact and a title. */
async function conversation(messages = 3): Promise<{ ref: SessionRef; end: string; file: string }> {
  const ref = newSession()
  const file = await blobs.put(ref, Buffer.from('a picture'), 'image/png')
  const end = await told(ref, async (say) => {
    for (let turn = 0; turn < messages; turn++) {
      const [run, message] = [`run-${turn}`, `answer-${turn}`]
      const parts = [
        { type: 'text' as const, text: `Question ${turn}` },
        { type: 'image' as const, blob: file },
      ]
      await say('run.started', { run, kind: 'agent', agent: 'demo', language: 'fr', input: `question-${turn}` })
      await say('message.added', { run, message: `question-${turn}`, role: 'user', parts })
      await say('message.requested', { run, message, purpose: 'answer', model: 'm' })
      const by = { run, message, provider: 'p', model: 'm' }
      await say('message.started', { ...by, role: 'assistant', purpose: 'answer' })
      await say('generation.started', { ...by, attempt: 1, worker: 'w', reason: 'first', kept: 0 })
      await say('text.delta', { run, message, sequence: 1, text: `Answer ${turn}` })
      await say('message.completed', { run, message, status: 'complete', reason: 'stop' })
      const usage = { input_tokens: 5, output_tokens: 5 }
      await say('run.completed', { run, status: 'done', usage, steps: 1, duration_ms: 1 })
    }
    await say('session.titled', { title: 'Talk' })
  })
  return { ref, end, file }
}

interface Erasing {
  erased: SessionRef[]
}

/** One that hands over before its n-th append, as a process that dies there. */
function forker(
  appends = Infinity,
  asked: Erasing = { erased: [] },
  store: Pick<Blobs, 'get' | 'put' | 'eraseOf'> = blobs,
): Forker {
  let left = appends
  const stopping = {
    get aborted() {
      return left-- <= 0
    },
  } as AbortSignal
  const queries: Pick<Queries, 'ask'> = {
    async ask<T>(_name: string, data: unknown): Promise<T> {
      const { tenant, session } = data as SessionRef
      asked.erased.push({ tenant, session })
      await erase({ tenant, session })
      return null as T
    },
  }
  return new Forker(spool.log, new SessionLoader(spool.log), store, queries, stopping)
}

/** As persistence does it. */
async function erase(ref: SessionRef): Promise<void> {
  await told(ref, (say) => say('session.erased', { by: 'user' }))
  await eraseContent(spool.log, ref, await spool.log.lastPosition(ref))
}

function request({ session }: SessionRef, cursor?: string): ForkRequest {
  return { request: newId(), from_session: session, ...(cursor !== undefined && { from_cursor: cursor }) }
}

function stateOf(ref: SessionRef): Promise<SessionState> {
  return new SessionLoader(spool.log).load(ref)
}

/** What must be the same of every copy. */
function contentOf({ messages, title, agent, language, forkedFrom }: SessionState) {
  const said = messages.map(({ id, run, role, text, status }) => ({ id, run, role, text, status }))
  return { said, title, agent, language, from: forkedFrom?.session, runs: 0 }
}

test('whoever is given a fork again goes on where the copy ends, after whichever append the one before died', async () => {
  const { ref: source, end } = await conversation()
  const whole = newSession()
  expect(await forker().take(whole, request(source, end))).toMatchObject({ kind: 'whole', fromCursor: end })
  const types = await spool.types(whole)
  expect(types).toEqual(['session.forked', ...types.slice(1, -2), 'session.titled', 'session.forked'])
  const broken = newSession()
  const asked = request(source, end)
  let deaths = 0
  while ((await forker(1).take(broken, asked)).kind === 'handed-over') deaths++
  expect(deaths).toBe(types.length - 1)
  expect(await spool.types(broken)).toEqual(types)
  expect(await spool.faults(broken)).toEqual([])
  expect(contentOf(await stateOf(broken))).toEqual(contentOf(await stateOf(whole)))
  // And once more, when all is done: the same answer, nothing more.
  const { wholeSeq } = (await stateOf(broken)).forkedFrom!
  expect(await forker().take(broken, asked)).toEqual({ kind: 'whole', seq: wholeSeq, fromCursor: end })
  expect(await spool.types(broken)).toEqual(types)
})

test('two at once make one copy, also where the original moves on and nobody has said where to fork', async () => {
  const { ref: source } = await conversation(10)
  const copy = newSession()
  const first = forker().take(copy, request(source))
  const moved = told(source, (say) => say('session.titled', { title: 'Later' }))
  const [one, other] = await Promise.all([first, moved.then(() => forker().take(copy, request(source)))])
  expect(one).toMatchObject({ kind: 'whole' })
  expect(other).toEqual(one)
  expect(await spool.faults(copy)).toEqual([])
  expect((await spool.types(copy)).filter((type) => type === 'message.added')).toHaveLength(20)
})

test('files are copied, are named by their own ids, and stay when the original is erased', async () => {
  const { ref: source, file } = await conversation(1)
  const copy = newSession()
  await forker().take(copy, request(source))
  const { messages } = await stateOf(copy)
  const part = messages[0]!.parts.find(({ type }) => type === 'image')!
  const blob = 'blob' in part ? part.blob! : ''
  expect(blob).not.toBe(file)
  await erase(source)
  const grandchild = newSession()
  expect(await forker().take(grandchild, request(copy))).toMatchObject({ kind: 'whole' })
  expect(Buffer.from((await blobs.get(copy, blob))!.bytes).toString()).toBe('a picture')
  expect(contentOf(await stateOf(grandchild))).toEqual({ ...contentOf(await stateOf(copy)), from: copy.session })
})

test('what is erased before its copy is whole is in no copy', async () => {
  const { ref: source } = await conversation()
  const copy = newSession()
  const asked = request(source)
  expect(await forker(4).take(copy, asked)).toEqual({ kind: 'handed-over' })
  await erase(source)
  const erasing: Erasing = { erased: [] }
  const gone = { kind: 'refused', refusal: { status: 410, code: 'session_erased' } }
  expect(await forker(Infinity, erasing).take(copy, asked)).toMatchObject(gone)
  expect(erasing.erased).toEqual([copy])
  expect(await spool.log.end(copy)).toMatchObject({ erased: true })
})

test('nor is what is erased while the last of it is being copied', async () => {
  const { ref: source } = await conversation(1)
  const copy = newSession()
  const erasing: Erasing = { erased: [] }
  const read: Pick<Blobs, 'get' | 'put' | 'eraseOf'> = {
    async get(...blob) {
      const found = await blobs.get(...blob)
      await erase(source)
      return found
    },
    put: (...blob) => blobs.put(...blob),
    eraseOf: (ref) => blobs.eraseOf(ref),
  }
  const forked = await forker(Infinity, erasing, read).take(copy, request(source))
  expect(forked).toMatchObject({ kind: 'refused', refusal: { status: 410, code: 'session_erased' } })
  expect(erasing.erased).toEqual([copy])
})

test('a copy that is erased while it is made ends there', async () => {
  const { ref: source } = await conversation()
  const copy = newSession()
  const asked = request(source)
  await forker(4).take(copy, asked)
  await erase(copy)
  expect(await forker().take(copy, asked)).toMatchObject({
    refusal: { status: 410, message: `Session ${copy.session} was erased; its id cannot be used again.` },
  })
})

async function refusal(ref: SessionRef, asked: ForkRequest): Promise<string> {
  const forked = await forker().take(ref, asked)
  return forked.kind === 'refused' ? `${forked.refusal.status} ${forked.refusal.code}` : forked.kind
}

test('what cannot be forked is refused in words, and nothing is begun', async () => {
  const { ref: source, end } = await conversation(1)
  const fresh = newSession()
  expect(await refusal(fresh, request(newSession()))).toBe('404 session_not_found')
  expect(await refusal(fresh, request(source, '1-99999999'))).toBe('404 cursor_not_found')
  expect(await refusal(fresh, request(source, '9-1'))).toBe('404 cursor_not_found')
  expect(await refusal(fresh, request(source, `1-${(await stateOf(source)).firstSeq - 1}`))).toBe(
    '404 cursor_not_found',
  )
  expect(await spool.chain(fresh)).toEqual([])
  expect(await refusal(source, request(source, end))).toBe('409 session_exists')
  const copy = newSession()
  expect(await refusal(copy, request(source, end))).toBe('whole')
  expect(await refusal(copy, request(source))).toBe('whole')
  expect(await refusal(copy, request(source, `1-${(await stateOf(source)).firstSeq}`))).toBe('409 session_exists')
  spool.archive.away = true
  try {
    await expect(forker().take(newSession(), request(source))).rejects.toThrow(ArchiveUnavailable)
  } finally {
    spool.archive.away = false
  }
})

test('a message to a session that is still being copied waits until it is whole', async () => {
  const { ref: source } = await conversation()
  const copy = newSession()
  await forker(3).take(copy, request(source))
  await spool.run('agent-orchestrator')
  expect(await spool.ask(copy, { when_busy: 'reject' })).toMatchObject({ ok: false, code: 'session_busy' })
  const { reply: run } = await spool.queued(spool.log.subjects.intake(copy, 'early'), runRequest({ request: 'early' }))
  expect(await spool.types(copy)).toHaveLength(3)
  const { request: id, ...asked } = request(source)
  const forked = await spool.request(spool.log.subjects.controlJob(copy, 'fork', id), { request: id, ...asked })
  expect(forked).toMatchObject({ ok: true, from_cursor: expect.any(String) as string })
  expect(await run).toMatchObject({ ok: true, status: 'active' })
  const types = await spool.types(copy)
  expect(types.indexOf('run.started')).toBe(types.lastIndexOf('session.forked') + 1)
  await eventually(async () => (await spool.types(copy)).includes('message.requested'), 'it is answered')
})
