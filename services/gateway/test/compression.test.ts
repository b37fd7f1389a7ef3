import { get, type IncomingMessage } from 'node:http'
import { type Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createZstdDecompress } from 'node:zlib'
import { newId } from '@spool/events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { KEY, startSystem, type System } from './support/system.ts'
import { until } from './support/until.ts'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system?.stop())

const decoders: Record<string, () => Transform> = {
  gzip: () => createGunzip(),
  br: () => createBrotliDecompress(),
  zstd: () => createZstdDecompress(),
}

function open(path: string, encoding: string): Promise<IncomingMessage> {
  const headers = { authorization: `Bearer ${KEY}`, accept: 'text/event-stream', 'accept-encoding': encoding }
  return new Promise((resolve, reject) => get(`${system.url}${path}`, { headers }, resolve).on('error', reject))
}

test.each(Object.keys(decoders))('a stream in %s arrives event by event, and is the same text', async (encoding) => {
  const session = newId()
  const append = (title: string) =>
    system.orchestrator.append({ tenant: 'default', session }, 'session.titled', { title })
  await append('title 0')
  const response = await open(`/v1/sessions/${session}/events`, encoding)
  expect(response.headers['content-encoding']).toBe(encoding)
  expect(response.headers['vary']).toContain('accept-encoding')
  let text = ''
  const decoder = decoders[encoding]!()
  response.on('error', () => undefined).pipe(decoder)
  decoder.on('data', (data: Buffer) => (text += data.toString()))
  for (let n = 1; n <= 20; n++) {
    // The next one is written only when this one has arrived: nothing waits for what comes after it.
    await until(() => text.includes(`"title ${n - 1}"`) && text.endsWith('\n\n'), `title ${n - 1}`)
    await append(`title ${n}`)
  }
  await until(() => text.includes('"title 20"') && text.endsWith('\n\n'), 'the last')
  response.destroy()
  const plain = await open(`/v1/sessions/${session}/events`, 'identity')
  expect(plain.headers['content-encoding']).toBeUndefined()
  let same = ''
  plain.setEncoding('utf8').on('error', () => undefined)
  plain.on('data', (data: string) => (same += data))
  await until(() => same.includes('"title 20"') && same.endsWith('\n\n'), 'the same')
  plain.destroy()
  expect(text).toBe(same)
})
