import { mkdtempSync, rmSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { createMcpHandler } from '@modelcontextprotocol/server'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { McpServers } from '../src/tools/mcp/mcp-servers.ts'
import { ToolOffer } from '../src/tools/mcp/tool-offer.ts'
import { OutcomeUnknown } from '../src/tools/outcome-unknown.ts'
import {
  childrenWith,
  isAlive,
  mcp,
  type McpUnderTest,
  ofAddress,
  ofProgram,
  oddServer,
  startMcp,
} from './support/mcp-servers.ts'
import { modern } from './support/modern-mcp-server.ts'
import { listen, oddHttp, said } from './support/odd-mcp-http.ts'
import { recordedLog } from './support/recorded-log.ts'

const modernServer = join(import.meta.dirname, 'support/modern-mcp-server.ts')

describe('a server that is a program', () => {
  let running: McpUnderTest
  let pid: number

  beforeAll(async () => {
    running = await startMcp(oddServer({ odd: true }), { repeatableTools: ['wait'] })
    pid = Number(await running.call('pid'))
  })
  afterAll(() => running.stop())

  test('loses only those of its tools that cannot be offered, and the log says which', () => {
    expect(running.names()).toContain('odd__pid')
    expect(running.names()).toContain('odd__with_dots_and_spaces')
    expect(new Set(running.names()).size).toBe(running.names().length)
    expect(running.tool('pid').description).toBe('pid of odd')
    const leftOut = running.log.lines().filter(({ msg }) => msg === 'A tool of an MCP server is left out')
    expect(leftOut.map(({ tool }) => tool).toSorted()).toStrictEqual(
      ['bad_pattern', 'bad_type', 'of_no_object', 'pid', 'undefined', 'without_schema'].toSorted(),
    )
  })

  test('is told of a call that nobody waits for any more', async () => {
    const controller = new AbortController()
    const call = running.failure('wait', {}, { signal: controller.signal })
    await running.call('pid')
    controller.abort()
    expect(await call).toMatchObject({ code: 'timeout' })
    await vi.waitFor(async () => expect(await running.call('cancelled')).toMatch(/^\d+$/))
  })

  test('may give more than can be read, and others go on', async () => {
    const [huge, other] = await Promise.all([running.failure('huge'), running.call('pid')])
    expect(huge).toMatchObject({ code: 'answer_too_large', message: expect.stringContaining('It was carried out') })
    expect(Number(other)).toBe(pid)
  })

  test('may give something else than it promised, but not something else than MCP', async () => {
    expect(await running.call('unpromised')).toBe('and yet it moves')
    expect(await running.failure('wrong')).toBeInstanceOf(OutcomeUnknown)
  })

  test('may write what it likes, and the log keeps its beginning', async () => {
    expect(await running.call('noise')).toBe('heard')
    await vi.waitFor(() => expect(running.log.text()).toContain('writes more than is logged'))
    expect(running.log.lines().filter(({ stderr }) => stderr === 'noise').length).toBeLessThanOrEqual(100)
  })

  test('may have more tools later', async () => {
    expect(running.names()).not.toContain('odd__grown')
    await running.call('grow')
    await vi.waitFor(() => expect(running.names()).toContain('odd__grown'), 10_000)
  })

  test('was the same one all the time', async () => {
    expect(Number(await running.call('pid'))).toBe(pid)
  })
})

const marker = () => {
  const folder = mkdtempSync(join(tmpdir(), 'spool-mcp-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'marker')
}

describe('a program that dies', () => {
  test('in the middle of a call that must not be repeated leaves its outcome unknown', async () => {
    const running = await mcp(oddServer({ marker: marker(), unsafe: true }))
    const failure = await running.failure('die_once')
    expect(failure).toBeInstanceOf(OutcomeUnknown)
    expect(failure.message).toMatch(/whether the call was carried out is not known. It was not tried again\.$/)
    expect(await running.call('pid')).toMatch(/^\d+$/)
  })

  test('in the middle of a call that may be repeated is asked again', async () => {
    const running = await mcp(oddServer({ marker: marker() }))
    expect(await running.call('die_once')).toBe('done')
  })

  test('again and again is told of once', async () => {
    const running = await mcp(oddServer(), { repeatable: true })
    expect(await running.failure('die')).toMatchObject({ code: 'mcp_unreachable' })
    const told = running.log.lines().filter(({ level }) => level !== 'debug')
    expect(told.map(({ msg }) => msg)).toStrictEqual([
      'An MCP server is connected',
      'An MCP server is away: its tools fail meanwhile, and it is tried again',
    ])
  })
})

test('a server that there is not does not keep us from starting, and is told of once', async () => {
  const transport = { ...ofProgram('none'), command: '/nowhere/mcp' } as ReturnType<typeof ofProgram>
  const running = await mcp(transport)
  expect(running.names()).toStrictEqual([])
  expect(running.log.lines()).toMatchObject([
    { level: 'warn', mcp_server: 'odd', reason: expect.stringContaining('ENOENT') },
  ])
})

test('where the folder to start it in is not there, that is told, and not that the program is not', async () => {
  const transport = { ...oddServer(), cwd: '/nowhere/at/all' } as ReturnType<typeof ofProgram>
  const running = await mcp(transport)
  expect(running.log.lines()).toMatchObject([
    {
      level: 'warn',
      mcp_server: 'odd',
      reason: 'There is no folder /nowhere/at/all, in which it is to be started (cwd).',
    },
  ])
})

test('a server that does not answer is not waited for, and named once', async () => {
  const log = recordedLog()
  const settings = { name: 'odd', timeoutMs: 1000, repeatable: false, repeatableTools: [] }
  const silent = { ...settings, transport: oddServer({ silent: true }) }
  const other = { ...settings, name: 'other', transport: oddServer() }
  const servers = new McpServers([silent, other], { PATH: process.env['PATH'] }, log.logger)
  onTestFinished(() => servers.stop())
  await servers.start(100)
  await vi.waitFor(() => expect(servers.tools().map(({ name }) => name)).toContain('other__pid'), 10_000)
  expect(servers.tools().some(({ name }) => name.startsWith('odd__'))).toBe(false)
  expect(log.lines().filter(({ level, mcp_server }) => level === 'warn' && mcp_server === 'odd')).toMatchObject([
    {
      msg: 'An MCP server is away: its tools fail meanwhile, and it is tried again',
      reason: 'It has not answered in 0.1 s; the start goes on without it.',
    },
  ])
})

test('five hundred tools come in pages', async () => {
  const running = await mcp(oddServer({ many: 500 }))
  expect(running.names().filter((name) => name.startsWith('odd__tool_'))).toHaveLength(500)
})

test('tools without end are not taken, and the log stays readable', async () => {
  let pages = 0
  const url = await listen(async (request, response) => {
    const { id, method } = JSON.parse((await text(request)) || '{}')
    if (id === undefined) return response.writeHead(request.method === 'POST' ? 202 : 405).end()
    const isList = method === 'tools/list'
    const hello = {
      protocolVersion: '2025-06-18',
      capabilities: { tools: {} },
      serverInfo: { name: 'x', version: '1' },
    }
    const result = isList
      ? {
          tools: Array.from({ length: 20_000 }, (_, index) => ({ name: `bad_${pages}_${index}` })),
          nextCursor: String(++pages),
        }
      : hello
    return response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ jsonrpc: '2.0', id, result }))
  })
  const running = await mcp(ofAddress(url))
  expect(pages).toBe(1)
  const told = running.log.lines().filter(({ level }) => level === 'warn')
  expect(told).toHaveLength(21)
  expect(told.at(-1)).toMatchObject({ more: 1980 })
})

test('a program that does not want to end is ended, and what it has started', async () => {
  const running = await mcp(oddServer({ stubborn: true }))
  const pids = [Number(await running.call('pid')), Number(await running.call('helper'))]
  expect(pids.map(isAlive)).toStrictEqual([true, true])
  await running.stop()
  await vi.waitFor(() => expect(pids.map(isAlive)).toStrictEqual([false, false]))
})

test('a program gets nothing of our environment but what it was named for', async () => {
  const transport = { ...ofProgram('-e', 'process.stderr.write(JSON.stringify(process.env))'), env: ['WANTED'] }
  const running = await mcp(transport as never, { env: { WANTED: 'yes', NOT_WANTED: 'no' } })
  await vi.waitFor(() => expect(running.log.lines().some(({ stderr }) => stderr !== undefined)).toBe(true))
  const { stderr } = running.log.lines().find((line) => line['stderr'] !== undefined)!
  expect(JSON.parse(stderr as string)).toStrictEqual({ PATH: process.env['PATH'], WANTED: 'yes' })
})

test('a server whose variables are not set is left out', async () => {
  const running = await mcp(ofAddress('http://127.0.0.1:1/', { authorization: 'NOT_SET' }))
  expect(running.log.lines()).toMatchObject([{ level: 'warn', mcp_server: 'odd', missing: ['NOT_SET'] }])
})

test('tools that take long to be checked are left out in the end, and others are not kept waiting', async () => {
  const schemas = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`a${index}`, { type: 'object' }]))
  const slow = (index: number) => ({
    name: `slow_${index}`,
    inputSchema: { type: 'object', dependentSchemas: schemas },
  })
  const log = recordedLog()
  const offer = new ToolOffer({ settings: { name: 'odd', repeatableTools: [] } } as never, log.logger, 1000)
  let turns = 0
  const turning = setInterval(() => (turns += 1), 20)
  await offer.update(Array.from({ length: 100 }, (_, index) => slow(index)))
  clearInterval(turning)
  expect(turns).toBeGreaterThan(10)
  expect(offer.tools.length).toBeLessThan(50)
  expect(log.text()).toContain('Checking those before took too long.')
})

test('a server whose header cannot be sent is told of without what is in it', async () => {
  const secret = 'Bearer of-two\nlines-of-secret'
  const running = await mcp(ofAddress('http://127.0.0.1:1/', { authorization: 'KEY' }), { env: { KEY: secret } })
  expect(running.log.lines()).toMatchObject([{ level: 'warn', reason: expect.stringContaining('KEY') }])
  expect(running.log.text()).not.toMatch(/of-two|lines-of-secret/)
})

describe('a server that speaks only as it is usual since 2026-07-28 is understood', () => {
  test('as a program, and tells of new tools', async () => {
    const running = await mcp(ofProgram(modernServer))
    expect(await running.call('era')).toBe('modern')
    await running.call('grow')
    await vi.waitFor(() => expect(running.names()).toContain('odd__grown'), 10_000)
  })
  test('over HTTP', async () => {
    const handler = createMcpHandler(modern, { legacy: 'reject' })
    const url = await listen(async (request, response) => {
      const body = request.method === 'POST' ? await text(request) : undefined
      const headers = request.headers as Record<string, string>
      const answer = await handler.fetch(new Request(url, { method: request.method!, headers, body }))
      response.writeHead(answer.status, Object.fromEntries(answer.headers))
      // Not at once: the stream of its notifications has no end.
      await pipeline(answer.body ?? [], response).catch(() => {})
    })
    const running = await mcp(ofAddress(url))
    expect(await running.call('era')).toBe('modern')
  })
})

const startHttp = async (...answers: Parameters<typeof oddHttp>) => {
  const server = await oddHttp(...answers)
  return {
    server,
    running: await mcp(ofAddress(server.url, { 'x-key': 'KEY' }), { env: { KEY: 'k-1' }, timeoutMs: 5000 }),
  }
}
const status =
  (code: number, headers = {}, body = '') =>
  (response: ServerResponse) =>
    void response.writeHead(code, headers).end(body)
const events =
  (...texts: string[]) =>
  (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(texts.join(''))
    response.end()
  }

describe('over HTTP', () => {
  test('the headers are sent with every request', async () => {
    const { server, running } = await startHttp(said('hi'))
    expect(await running.call('act')).toBe('hi')
    expect(server.requests.length).toBeGreaterThan(3)
    for (const { headers } of server.requests) expect(headers['x-key']).toBe('k-1')
    expect(running.log.text()).not.toContain('k-1')
  })

  test.each([
    ['is torn', (response: ServerResponse) => void response.socket!.destroy()],
    [
      'ends before its result',
      events('data: {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":1}}\n\n'),
    ],
    ['is that a gateway gave up', status(504)],
  ])('an answer that %s leaves the outcome unknown, at once', async (_, answer) => {
    const { server, running } = await startHttp(answer)
    const startedAt = performance.now()
    expect(await running.failure('act')).toBeInstanceOf(OutcomeUnknown)
    expect(performance.now() - startedAt).toBeLessThan(4000)
    expect(server.calls()).toBe(1)
  })

  test.each([
    ['a refusal', status(403), { code: 'mcp_refused', message: 'The MCP server refused the call (403).' }],
    ['a failure', status(500, {}, 'secret'), { code: 'mcp_failed', message: 'The MCP server failed (500).' }],
    ['a redirect', status(307, { location: 'http://127.0.0.1:1/' }), { code: 'mcp_redirected' }],
  ])('%s is told, and the call not repeated', async (_, answer, failure) => {
    const { server, running } = await startHttp(answer)
    const found = await running.failure('act')
    expect(found).toMatchObject(failure)
    expect(found).not.toBeInstanceOf(OutcomeUnknown)
    expect(server.calls()).toBe(1)
  })

  test('a session that the server has forgotten is begun anew, and the call made then', async () => {
    const { server, running } = await startHttp(status(404), said('hi'))
    expect(await running.call('act')).toBe('hi')
    expect(server.requests.filter(({ message }) => message?.method === 'initialize')).toHaveLength(2)
  })

  test('an answer without end is not read to it', async () => {
    const large = 'x'.repeat(9 * 1024 * 1024)
    const { running } = await startHttp(said(large), (response, id) =>
      events(`id: 1\ndata: {"jsonrpc":"2.0","id":${id},"result":{"content":[{"type":"text","text":"${large}"}]}}\n\n`)(
        response,
      ),
    )
    expect(await running.failure('act')).toMatchObject({ code: 'answer_too_large' })
    expect(await running.failure('act')).toMatchObject({ code: 'answer_too_large' })
  })
})

test('nothing is left of all these programs', async () => {
  await vi.waitFor(() => expect(childrenWith('mcp-server')).toStrictEqual([]))
})
