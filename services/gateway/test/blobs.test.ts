import { newId } from '@spool/events'
import { Blobs, MAX_BLOB_BYTES, QueryRefused } from '@spool/log'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call } from './support/http.ts'
import { KEY, OTHER_KEY, startSystem, type System } from './support/system.ts'

let system: System
let blobs: Blobs
beforeAll(async () => {
  system = await startSystem()
  blobs = new Blobs(system.bus)
})
afterAll(() => system?.stop())

const ref = () => ({ tenant: 'default', session: newId() })

test('a blob comes as it was put, however large, and says how it may be shown', async () => {
  const session = ref()
  const text = '0123456789abcdef'.repeat(MAX_BLOB_BYTES / 16)
  const id = await blobs.put(session, Buffer.from(text), 'text/plain; charset=utf-8')
  const answer = await call(system.url, `/v1/sessions/${session.session}/blobs/${id}`)
  expect([answer.status, answer.text === text]).toEqual([200, true])
  expect(answer.headers).toMatchObject({
    'content-type': 'text/plain; charset=utf-8',
    'content-length': String(MAX_BLOB_BYTES),
    'content-disposition': 'inline',
    'x-content-type-options': 'nosniff',
    'x-spool-session': session.session,
  })
})

test('one without content is no reason to wait', async () => {
  const session = ref()
  const id = await blobs.put(session, new Uint8Array(), 'text/html')
  const answer = await call(system.url, `/v1/sessions/${session.session}/blobs/${id}`)
  expect([answer.status, answer.text, answer.headers['content-disposition']]).toEqual([200, '', 'attachment'])
})

test('it is there for its own tenant and its own session only', async () => {
  const session = ref()
  const id = await blobs.put(session, Buffer.from('secret'), 'text/plain')
  const path = `/v1/sessions/${session.session}/blobs/${id}`
  const answers = [
    await call(system.url, path, { key: OTHER_KEY }),
    await call(system.url, `/v1/sessions/${newId()}/blobs/${id}`),
    await call(system.url, `/v1/sessions/${session.session}/blobs/${newId()}`),
  ]
  for (const { status, json } of answers) expect([status, json['code']]).toEqual([404, 'blob_not_found'])
  expect((await call(system.url, path, { key: null })).status).toBe(401)
  expect((await call(system.url, `/v1/sessions/${session.session}/blobs/a.b`)).json['code']).toBe('invalid_id')
})

test('one that is not whole any more breaks off instead of looking whole', async () => {
  const session = ref()
  const id = await blobs.put(session, Buffer.alloc(300_000, 'x'), 'text/plain')
  const filter = `$O.BLOBS.C.${session.tenant}.${session.session}.${id}`
  const { state } = await system.bus.jsm.streams.info('OBJ_BLOBS')
  // Of its three chunks the last one goes.
  await system.bus.jsm.streams.deleteMessage('OBJ_BLOBS', state.last_seq - 1)
  expect((await system.bus.jsm.streams.info('OBJ_BLOBS', { subjects_filter: filter })).state.subjects).toEqual({
    [filter]: 2,
  })
  const path = `/v1/sessions/${session.session}/blobs/${id}`
  await expect(call(system.url, path)).rejects.toThrow(/aborted|hang up/)
})

const upload = (session: string, raw: Uint8Array | string, type: string) =>
  call(system.url, `/v1/blobs?session=${session}`, { raw, headers: { 'content-type': type } })

describe('a file that is brought in', () => {
  test.each(['image/png', 'application/json', 'text/plain; charset=utf-8', 'application/x-www-form-urlencoded'])(
    'of type %s is there byte by byte, for its session alone',
    async (type) => {
      const session = newId()
      const bytes = Buffer.from(Array.from({ length: 300 }, (_, index) => index % 256))
      const { status, json, headers } = await upload(session, bytes, type)
      expect([status, json]).toEqual([201, { session, blob: expect.any(String), media_type: type, size: 300 }])
      const stored = await blobs.get({ tenant: 'default', session }, String(json['blob']))
      expect([stored?.mediaType, Buffer.compare(stored!.bytes, bytes)]).toEqual([type, 0])
      const there = await fetch(system.url + headers['location']!, { headers: { authorization: `Bearer ${KEY}` } })
      expect([there.status, Buffer.compare(Buffer.from(await there.arrayBuffer()), bytes)]).toEqual([200, 0])
      expect((await call(system.url, `/v1/sessions/${newId()}/blobs/${json['blob']}`)).status).toBe(404)
    },
  )

  test('may have 10 MiB, and not a byte more', async () => {
    expect((await upload(newId(), Buffer.alloc(MAX_BLOB_BYTES), 'a/b')).status).toBe(201)
    const { status, json } = await upload(newId(), Buffer.alloc(MAX_BLOB_BYTES + 1), 'a/b')
    expect([status, json['code']]).toEqual([413, 'body_too_large'])
  })

  test('needs a session, and a type, and is taken nowhere else', async () => {
    const problem = async (path: string, headers: Record<string, string>) => {
      const { status, json } = await call(system.url, path, { raw: 'x', headers })
      return [status, json['code']]
    }
    expect(await problem('/v1/blobs', { 'content-type': 'a/b' })).toEqual([400, 'invalid_query'])
    expect(await problem('/v1/sessions/s/runs', { 'content-type': 'a/b' })).toEqual([415, 'unsupported_media_type'])
    expect((await call(system.url, '/v1/blobs?session=s', { method: 'POST' })).json['code']).toBe('empty_file')
  })

  test('into an erased session is told so, and not kept', async () => {
    const session = newId()
    system.persistence.answers.set('session', () => new QueryRefused('erased', 'This session was erased.'))
    const { status } = await upload(session, 'x', 'a/b')
    system.persistence.answers.delete('session')
    expect(status).toBe(410)
    const left = await system.bus.jsm.streams.info('OBJ_BLOBS', { subjects_filter: `$O.BLOBS.*.default.${session}.>` })
    expect(left.state.subjects ?? {}).toEqual({})
  })
})
