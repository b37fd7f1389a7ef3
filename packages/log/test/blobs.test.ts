import { randomBytes } from 'node:crypto'
import { startTcpProxy } from '@spool/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  BlobBroken,
  Blobs,
  BlobStoreFull,
  BlobTooLarge,
  type Bus,
  BusUnavailable,
  MAX_BLOB_BYTES,
} from '../src/index.ts'
import { connected } from './support/deployment.ts'
import { eventually } from './support/eventually.ts'
import { type RunningDeployment, startDeployment } from './support/servers.ts'
import { newSession } from './support/sessions.ts'

const STREAM = 'OBJ_BLOBS'
const messagesOf = async (bus: Bus) => (await bus.jsm.streams.info(STREAM)).state.messages

describe.each(['oldest', 'newest'] as const)('on the %s server', (age) => {
  let deployment: RunningDeployment
  beforeAll(async () => {
    deployment = await startDeployment({ age, replicas: 1 })
  })
  afterAll(() => deployment?.stop())

  async function opened(url = deployment.url): Promise<{ bus: Bus; blobs: Blobs }> {
    const bus = await connected(url)
    return { bus, blobs: new Blobs(bus) }
  }

  test.each([0, 1, 128 * 1024, 128 * 1024 + 1, MAX_BLOB_BYTES])('%i bytes come back as they were put', async (size) => {
    const { blobs } = await opened()
    const ref = newSession()
    const bytes = randomBytes(size)
    const id = await blobs.put(ref, bytes, 'image/png')
    const blob = (await blobs.get(ref, id))!
    expect([blob.mediaType, blob.size, bytes.equals(blob.bytes)]).toEqual(['image/png', size, true])
  })

  test('a blob that is too large is refused before anything is stored', async () => {
    const { bus, blobs } = await opened()
    const before = await messagesOf(bus)
    await expect(blobs.put(newSession(), new Uint8Array(MAX_BLOB_BYTES + 1), 'text/plain')).rejects.toThrow(
      BlobTooLarge,
    )
    expect(await messagesOf(bus)).toBe(before)
  })

  test('put back by two at once, also behind one that died, a blob is whole, and leaves as a whole', async () => {
    const { bus, blobs } = await opened()
    const ref = newSession()
    const before = await messagesOf(bus)
    await bus.js.publish(`$O.BLOBS.C.${ref.tenant}.${ref.session}.brought`, 'its first chunk')
    const bytes = randomBytes(9 * 128 * 1024)
    const other = (await opened()).blobs
    await Promise.all([blobs, other].map((one) => one.putBack(ref, 'brought', bytes, 'image/png')))
    expect(bytes.equals((await blobs.get(ref, 'brought'))!.bytes)).toBe(true)
    await blobs.putBack(ref, 'brought', bytes, 'image/png')
    await blobs.leave(ref, 'brought')
    expect([await blobs.get(ref, 'brought'), await messagesOf(bus)]).toEqual([null, before])
  })

  test('it belongs to its session: under another session or tenant there is nothing', async () => {
    const { blobs } = await opened()
    const ref = newSession()
    const id = await blobs.put(ref, randomBytes(10), 'text/plain')
    expect(await blobs.get(newSession(), id)).toBeNull()
    expect(await blobs.get({ ...ref, tenant: 'other' }, id)).toBeNull()
    expect(await blobs.get(ref, 'no-such-blob')).toBeNull()
  })

  test('all of a session is erased at once, with what a put that died has left, and nothing else', async () => {
    const { bus, blobs } = await opened()
    const [gone, kept] = [newSession(), newSession()]
    const before = await messagesOf(bus)
    const ids = [
      await blobs.put(gone, randomBytes(300_000), 'text/plain'),
      await blobs.put(gone, randomBytes(1), 'a/b'),
    ]
    const keptId = await blobs.put(kept, randomBytes(10), 'text/plain')
    await bus.js.publish(`$O.BLOBS.C.${gone.tenant}.${gone.session}.died`, 'its first chunk')
    await blobs.eraseOf(gone)
    expect(await Promise.all(ids.map((id) => blobs.get(gone, id)))).toEqual([null, null])
    expect((await blobs.get(kept, keptId))!.size).toBe(10)
    expect(await messagesOf(bus)).toBe(before + 2)
    await blobs.eraseOf(gone)
    expect(await messagesOf(bus)).toBe(before + 2)
  })

  test('one whose chunks are gone says so; nobody waits for them', async () => {
    const { bus, blobs } = await opened()
    const ref = newSession()
    const id = await blobs.put(ref, randomBytes(300_000), 'text/plain')
    await bus.jsm.streams.purge(STREAM, { filter: `$O.BLOBS.C.${ref.tenant}.${ref.session}.${id}`, keep: 1 })
    await expect(blobs.get(ref, id)).rejects.toThrow(BlobBroken)
  })

  test('the bus goes away in the middle: it is said at once, and half a blob is none', async () => {
    const proxy = await startTcpProxy({ port: deployment.nodes[0]!.port })
    const { bus, blobs } = await opened(`nats://127.0.0.1:${proxy.port}`)
    const ref = newSession()
    let published = 0
    const publish = bus.js.publish.bind(bus.js)
    bus.js.publish = async (...args) => {
      if (++published === 3) await proxy.stop()
      return publish(...args)
    }
    await expect(blobs.put(ref, randomBytes(600_000), 'text/plain')).rejects.toThrow(BusUnavailable)
    await expect(blobs.get(ref, 'any')).rejects.toThrow(BusUnavailable)
    await expect(blobs.eraseOf(ref)).rejects.toThrow(BusUnavailable)
    const other = await opened()
    const filter = `$O.BLOBS.*.${ref.tenant}.${ref.session}.>`
    const subjects = async () =>
      Object.keys((await other.bus.jsm.streams.info(STREAM, { subjects_filter: filter })).state.subjects ?? {})
    expect((await subjects()).map((subject) => subject.split('.')[2])).toEqual(['C'])
    await other.blobs.eraseOf(ref)
    expect(await subjects()).toEqual([])
  })

  test('a bucket without room says so, and holds nothing of what did not fit', async () => {
    const { bus, blobs } = await opened()
    const { config, state } = await bus.jsm.streams.info(STREAM)
    await bus.jsm.streams.update(STREAM, { ...config, max_bytes: state.bytes + 300_000 })
    try {
      const put = blobs.put(newSession(), randomBytes(1_000_000), 'text/plain')
      await expect(put).rejects.toThrow(BlobStoreFull)
      await eventually(() => messagesOf(bus)).toBe(state.messages)
    } finally {
      await bus.jsm.streams.update(STREAM, { ...config, max_bytes: -1 })
    }
  })
})
