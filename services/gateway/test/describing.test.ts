import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { codesOf, DescribedApi } from '../../../test/described/described-api.ts'
import { read } from '../../../test/docs/examples.ts'
import { UNDESCRIBED } from '../src/describing/document.ts'
import { call } from './support/http.ts'
import { startSystem, type System } from './support/system.ts'

let system: System
let api: DescribedApi
beforeAll(async () => {
  system = await startSystem()
  api = await DescribedApi.of(system.url)
})
afterAll(() => system?.stop())

test('the document is OpenAPI 3.1, and every route of the server is in it with a description of its own', async () => {
  expect(await new Validator().validate(structuredClone(api.document))).toEqual({ valid: true })
  expect(api.document['openapi']).toBe('3.1.0')
  expect(api.operations.filter(({ summary }) => summary === UNDESCRIBED).map(({ id }) => id)).toEqual([])
  expect(new Set(api.operations.map(({ id }) => id)).size).toBe(api.operations.length)
})

test('each operation of the document is a route, and wants a key where the document says so', async () => {
  for (const { method, path, isOpen } of api.operations) {
    const { status } = await call(system.url, path.replaceAll(/\{\w+\}/g, 'x'), { method, key: null })
    expect([method, path, status]).toEqual([method, path, isOpen ? 200 : 401])
  }
})

test('the example of each body fits it', () => {
  for (const operation of api.operations) {
    if (operation.body === null) continue
    expect([operation.id, api.bodyFaults(operation, operation.body.example)]).toEqual([operation.id, []])
  }
})

/** Of what asks for nothing that is there, and of what only a WebSocket is told. */
const OF_NO_OPERATION = new Set(['not_found', 'already_followed', 'unfollowed'])

test('each code of the protocol is that of an operation, and the other way round', () => {
  const rows = [...read('docs/protocol.md').matchAll(/^\| ([45]\d\d) +\| `(\w+)`/gm)]
  const listed = rows.map(([, status, code = '']) => [status, code]).filter(([, code]) => !OF_NO_OPERATION.has(code!))
  const described = api.operations.flatMap((operation) =>
    Object.keys(operation.responses).flatMap((status) => codesOf(operation, status).map((code) => `${status} ${code}`)),
  )
  const codes = new Set(described.map((one) => one.split(' ')[1]))
  expect([...codes].toSorted()).toEqual([...new Set(listed.map(([, code]) => code))].toSorted())
  // A dialect may have another status for one of them.
  for (const [status, code] of listed) expect(described).toContain(`${status} ${code}`)
})

test('the page shows every operation, loads nothing, runs nothing, and has examples that can be copied', async () => {
  const { headers, text } = await call(system.url, '/docs', { key: null })
  expect(headers['content-type']).toBe('text/html; charset=utf-8')
  expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'/)
  for (const { id } of api.operations) expect(text).toContain(`<details id="${id}">`)
  expect(text).not.toMatch(/<script|<link|<img|\son\w+=|style="|https?:\/\/(?!127\.0\.0\.1)/)
  expect(text).toContain(`${system.url}/v1/sessions/my-session/runs`)
  expect(text.length).toBeLessThan(500_000)
  for (const [, target] of text.matchAll(/href="#([^"]*)"/g)) expect(text).toContain(`id="${target}"`)
})

test('what a client calls this server is not repeated to it where it is no address', async () => {
  const { text } = await call(system.url, '/docs', { key: null, headers: { host: 'x"><script>alert(1)</script>' } })
  expect(text).not.toContain('alert(1)')
})
