import { newId } from '@spool/events'
import { Blobs, MAX_BLOB_BYTES } from '@spool/log'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { call } from './support/http.ts'
import { OTHER_KEY, startSystem, type System } from './support/system.ts'

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
