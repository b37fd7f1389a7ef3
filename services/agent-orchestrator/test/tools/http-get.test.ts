import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Address } from '../../src/tools/built-in/http-get/check-address.ts'
import { checkedUrl } from '../../src/tools/built-in/http-get/checked-url.ts'
import { AllowList } from '../../src/tools/built-in/http-get/allow-list.ts'
import { httpGet } from '../../src/tools/built-in/http-get/http-get.ts'
import { toolContext } from '../support/tool-context.ts'

let server: Server
/** The same port of another loopback address: what must not be reached. */
let forbidden: Server
let port: number
let handle: RequestListener
const asked: string[] = []
const askedForbidden: string[] = []

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.headers.host}${request.url}`)
    handle(request, response)
  })
  port = await listen(server, '127.0.0.1', 0)
  forbidden = createServer((request, response) => {
    askedForbidden.push(request.url ?? '')
    response.end('secret')
  })
  await listen(forbidden, '127.0.0.2', port)
})

afterAll(() => {
  for (const each of [server, forbidden]) {
    each.closeAllConnections()
    each.close()
  }
})

afterEach(() => {
  expect(askedForbidden).toEqual([])
  asked.length = 0
})

async function listen(which: Server, host: string, at: number): Promise<number> {
  await new Promise<void>((resolve) => which.listen(at, host, resolve))
  return (which.address() as AddressInfo).port
}

interface Output {
  status: number
  url: string
  content_type: string | null
  text: string
  truncated?: boolean
}

interface Given {
  path?: string
  url?: string
  headers?: object
  names?: Record<string, string | readonly string[] | (() => string | readonly string[])>
  allow?: string[]
  timeLimitMs?: number
  signal?: AbortSignal
}

/** `name.test:<port>` is on the list, and 127.0.0.1 at that port is permitted; nothing else is. */
async function get({ path = '/', headers, names = {}, allow = [], signal, ...given }: Given = {}) {
  const resolve = async (host: string): Promise<Address[]> => {
    const known = names[host] ?? (host === 'name.test' ? '127.0.0.1' : undefined)
    if (known === undefined) throw new Error('ENOTFOUND')
    return [typeof known === 'function' ? known() : known]
      .flat()
      .map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  }
  const tool = httpGet({
    allow: [`127.0.0.1:${port}`, `*.test:${port}`, ...allow],
    resolve,
    timeLimitMs: given.timeLimitMs ?? 20_000,
  })
  const url = given.url ?? `http://name.test:${port}${path}`
  return (await tool.run({ url, headers }, toolContext(signal && { signal }))) as Output
}

const refusal = (code: string) => expect.objectContaining({ name: 'ToolError', code })

const text =
  (body: string | Buffer, type = 'text/plain', headers: Record<string, string> = {}): RequestListener =>
  (_, response) =>
    response.writeHead(200, { 'content-type': type, ...headers }).end(body)

const redirect =
  (location: string, status = 302): RequestListener =>
  (_, response) =>
    response.writeHead(status, { location }).end()

test('a text is read, with its status and type, and the server sees the name that was asked for', async () => {
  handle = (_, response) => response.writeHead(404, { 'content-type': 'application/json' }).end('{"no":"such"}')
  expect(await get({ path: '/v1?q=1#part' })).toEqual({
    status: 404,
    url: `http://name.test:${port}/v1?q=1`,
    content_type: 'application/json',
    text: '{"no":"such"}',
  })
  expect(asked).toEqual([`name.test:${port}/v1?q=1`])
})

test('the request carries nothing but what it says', async () => {
  let headers: object = {}
  handle = (request, response) => {
    headers = request.headers
    response.end('ok')
  }
  await get({ headers: { accept: 'text/csv' } })
  expect(headers).toEqual({
    host: `name.test:${port}`,
    accept: 'text/csv',
    'accept-encoding': 'gzip',
    'user-agent': 'Spool',
    connection: 'close',
  })
})

test('the proxy that the environment names is not used', async () => {
  handle = text('direct')
  for (const name of ['HTTP_PROXY', 'http_proxy', 'NODE_USE_ENV_PROXY']) process.env[name] = `http://127.0.0.2:${port}`
  try {
    expect((await get()).text).toBe('direct')
  } finally {
    for (const name of ['HTTP_PROXY', 'http_proxy', 'NODE_USE_ENV_PROXY']) delete process.env[name]
  }
})

test.each([
  [{ url: 'x', headers: { cookie: 'a=b' } }, /cookie/],
  [{ url: 'x', headers: { accept: 'a\r\nhost: b' } }, /headers\.accept/],
  [{ url: 'x', body: 'y' }, /body/],
  [{}, /url/],
])('%j are no arguments for it', (input, problem) => {
  expect(httpGet({ allow: [] }).problemOf(input)).toMatch(problem)
})

test.each([
  ['file:///etc/passwd', 'url_invalid'],
  ['ftp://name.test/', 'url_invalid'],
  ['nonsense', 'url_invalid'],
  ['http://me:secret@name.test/', 'url_invalid'],
  ['http://example.com/', 'host_not_allowed'],
  ['http://name.test:1/', 'host_not_allowed'],
  ['http://169.254.169.254/latest/meta-data/', 'host_not_allowed'],
])('%s is refused before anything is resolved', async (url, code) => {
  await expect(get({ url })).rejects.toEqual(refusal(code))
  expect(asked).toEqual([])
})

test.each(['2130706433', '0x7f000001', '017700000001', '127.1', '0x7f.0.0.1'])(
  'the odd spelling %s of an address is refused',
  async (host) => {
    await expect(get({ url: `http://${host}:${port}/` })).rejects.toEqual(refusal('url_invalid'))
    expect(asked).toEqual([])
  },
)

test.each([
  '127.0.0.2',
  '0.0.0.0',
  '10.0.0.1',
  '169.254.169.254',
  '100.64.0.1',
  '::1',
  '::ffff:127.0.0.2',
  '::ffff:7f00:1',
  '64:ff9b::7f00:2',
  '2002:7f00:2::',
  'fd00:ec2::254',
  'fe80::1',
])('a name on the list that leads to %s is refused', async (address) => {
  await expect(get({ names: { 'name.test': address } })).rejects.toEqual(refusal('address_refused'))
})

test('of several addresses only those are connected to that were found public or permitted', async () => {
  handle = text('the right one')
  expect((await get({ names: { 'name.test': ['127.0.0.2', '::1', '127.0.0.1'] } })).text).toBe('the right one')
})

test('a name that says something else when it is asked again gains nothing: it is asked once', async () => {
  handle = text('the first')
  let times = 0
  const rebinding = () => ['127.0.0.1', '127.0.0.2'][Math.min(times++, 1)] as string
  expect((await get({ names: { 'name.test': rebinding } })).text).toBe('the first')
  expect(times).toBe(1)
})

test('a name that cannot be resolved is told', async () => {
  await expect(get({ url: `http://other.test:${port}/` })).rejects.toEqual(refusal('host_unknown'))
})

test('redirects are followed, and the last place is told', async () => {
  handle = (request, response) => {
    if (request.url === '/end') text('there')(request, response)
    else redirect(request.url === '/' ? '/two' : `http://two.test:${port}/end`, 307)(request, response)
  }
  expect(await get({ names: { 'two.test': '127.0.0.1' } })).toMatchObject({
    status: 200,
    url: `http://two.test:${port}/end`,
    text: 'there',
  })
})

test.each([
  ['http://169.254.169.254/latest/meta-data/', 'host_not_allowed'],
  ['//[fd00:ec2::254]/', 'host_not_allowed'],
  ['http://example.com/', 'host_not_allowed'],
  ['http://localhost:22/', 'host_not_allowed'],
  ['file:///etc/passwd', 'url_invalid'],
  ['gopher://127.0.0.2/', 'url_invalid'],
  ['http://user:pass@name.test/', 'url_invalid'],
])('a redirect to %s is not followed', async (location, code) => {
  handle = redirect(location)
  await expect(get()).rejects.toEqual(refusal(code))
  expect(asked).toHaveLength(1)
})

test('a redirect to a name on the list that leads to a private address is not followed', async () => {
  handle = redirect(`http://inside.test:${port}/`)
  await expect(get({ names: { 'inside.test': '127.0.0.2' } })).rejects.toEqual(refusal('address_refused'))
  // The same name may lead elsewhere at the second look: it is checked again.
  handle = redirect('/again')
  let times = 0
  const rebinding = () => ['127.0.0.1', '127.0.0.2'][Math.min(times++, 1)] as string
  await expect(get({ names: { 'name.test': rebinding } })).rejects.toEqual(refusal('address_refused'))
})

test('a redirect from https to http is not followed', () => {
  const list = new AllowList(['example.com'])
  expect(() => checkedUrl('http://example.com/', list, new URL('https://example.com/'))).toThrow(
    refusal('redirect_refused'),
  )
  expect(checkedUrl('/there', list, new URL('https://example.com/')).href).toBe('https://example.com/there')
})

test('a circle of redirects ends after five', async () => {
  handle = redirect('/again')
  await expect(get()).rejects.toEqual(refusal('too_many_redirects'))
  expect(asked).toHaveLength(6)
})

test.each(['image/png', 'application/octet-stream', 'application/pdf', 'video/mp4', 'application/zip'])(
  'what is of the type %s is not read',
  async (type) => {
    handle = text('whatever', type)
    await expect(get()).rejects.toEqual(refusal('not_text'))
  },
)

test('what says it is text, and is not, is not read', async () => {
  handle = text(Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 0]))
  await expect(get()).rejects.toEqual(refusal('not_text'))
})

test.each([
  [Buffer.from([0xe9, 0x74, 0xe9]), 'text/html; charset=ISO-8859-1', 'été'],
  [Buffer.from('été'), 'application/problem+json', 'été'],
  [Buffer.from('日本', 'utf16le'), 'text/plain; charset="utf-16le"', '日本'],
  [Buffer.from([0x93, 0xfa]), 'text/plain; charset=Shift_JIS', '日'],
  [Buffer.from('ok'), 'text/plain; charset=no-such-charset', 'ok'],
])('%j of type %s is read as %s', async (body, type, expected) => {
  handle = text(body, type)
  expect((await get()).text).toBe(expected)
})

test('an empty answer without a type is an empty text', async () => {
  handle = (_, response) => response.writeHead(204).end()
  expect(await get()).toMatchObject({ status: 204, content_type: null, text: '' })
})

test('of an endless answer the first MiB is read, and the connection closed', async () => {
  const closed = Promise.withResolvers<void>()
  handle = (_, response) => {
    response.once('close', () => closed.resolve())
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
      if (!response.destroyed) response.once('drain', more)
    }
    more()
  }
  const { text: read, truncated } = await get()
  expect(read).toBe('x'.repeat(1024 * 1024))
  expect(truncated).toBe(true)
  await closed.promise
})

test('a gzip bomb is unpacked no further than the limit', async () => {
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, 'a'))
  handle = text(bomb, 'text/plain', { 'content-encoding': 'gzip' })
  const before = process.memoryUsage().arrayBuffers
  const { text: read, truncated } = await get()
  expect(read).toHaveLength(1024 * 1024)
  expect(truncated).toBe(true)
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1024 * 1024)
})

test('packed text is unpacked; what is packed otherwise, or broken, is told', async () => {
  handle = text(gzipSync('packed'), 'text/plain', { 'content-encoding': 'gzip' })
  expect((await get()).text).toBe('packed')
  handle = text('packed?', 'text/plain', { 'content-encoding': 'br' })
  await expect(get()).rejects.toEqual(refusal('not_text'))
  handle = text('not gzip', 'text/plain', { 'content-encoding': 'gzip' })
  await expect(get()).rejects.toEqual(refusal('unreachable'))
})

test('an answer that drips is given up at the time limit', async () => {
  handle = (_, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' })
    const drip = setInterval(() => response.write('.'), 20)
    response.once('close', () => clearInterval(drip))
  }
  await expect(get({ timeLimitMs: 300 })).rejects.toEqual(refusal('timed_out'))
})

test('an answer that wants another protocol is none', async () => {
  handle = ({ socket }) =>
    void socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n')
  await expect(get()).rejects.toEqual(refusal('unreachable'))
})

test('a cancelled run closes the connection', async () => {
  const closed = Promise.withResolvers<void>()
  const cancel = new AbortController()
  handle = (request) => {
    request.socket.once('close', () => closed.resolve())
    cancel.abort(new Error('cancelled'))
  }
  await expect(get({ signal: cancel.signal })).rejects.toThrow('cancelled')
  await closed.promise
})

test('a server that is not there, or hangs up, is told', async () => {
  handle = (request) => request.socket.destroy()
  await expect(get()).rejects.toEqual(refusal('unreachable'))
  handle = (request, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('half')
    setImmediate(() => request.socket.destroy())
  }
  await expect(get()).rejects.toEqual(refusal('unreachable'))
})
