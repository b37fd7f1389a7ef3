import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  childrenWith,
  everything,
  isAlive,
  mcp,
  type McpUnderTest,
  ofAddress,
  ofProgram,
  startMcp,
} from './support/mcp-servers.ts'
import { toolContext } from './support/tool-context.ts'

const tools = ['odd__echo', 'odd__get-sum', 'odd__trigger-long-running-operation', 'odd__toggle-simulated-logging']

describe.each(['stdio', 'streamable HTTP'])('the reference server over %s', (transport) => {
  let server: HttpServer | undefined
  let running: McpUnderTest

  beforeAll(async () => {
    server = transport === 'stdio' ? undefined : await startHttpServer()
    running = await startMcp(server === undefined ? ofProgram(everything) : ofAddress(server.url))
  })
  afterAll(async () => {
    await running.stop()
    await server?.kill()
  })

  test('its tools are found, with what is known about them', async () => {
    expect(running.names()).toEqual(expect.arrayContaining(tools))
    expect(running.tool('get-sum')).toMatchObject({
      description: 'Returns the sum of two numbers',
      inputSchema: { type: 'object', required: ['a', 'b'] },
      repeatable: true,
      timeoutMs: 20_000,
    })
    expect(running.tool('toggle-simulated-logging').repeatable).toBe(false)
    expect(running.tool('get-sum').problemOf({ a: 'x' })).toContain('a must be a number, but is a string')
    expect(running.log.lines()).toContainEqual(
      expect.objectContaining({ tool: 'simulate-research-query', reason: 'It can only be called as a task.' }),
    )
  })

  test('they are called, and give what they give', async () => {
    expect(await running.call('echo', { message: 'Grüße' })).toBe('Echo: Grüße')
    expect(await running.call('get-sum', { a: 2, b: 3 })).toBe('The sum of 2 and 3 is 5.')
    expect(await running.call('get-structured-content', { location: 'Chicago' })).toMatchObject({
      conditions: expect.any(String),
    })
    expect(await running.call('get-tiny-image')).toMatch(/\[image\/png, \d+ bytes\]/)
    expect(await running.failure('get-sum', { a: 'x' })).toMatchObject({ code: 'tool_error' })
  })

  test('progress is passed on', async () => {
    const context = toolContext()
    const output = await running.call('trigger-long-running-operation', { duration: 0.4, steps: 4 }, context)
    expect(output).toContain('completed')
    expect(context.told.slice(0, 3)).toStrictEqual([{ progress: 0.25 }, { progress: 0.5 }, { progress: 0.75 }])
  })

  test('a call ends when nobody waits for it any more, and others go on', async () => {
    const controller = new AbortController()
    const context = toolContext({ signal: controller.signal, progress: () => controller.abort() })
    const long = running.failure('trigger-long-running-operation', { duration: 60, steps: 600 }, context)
    expect(await long).toMatchObject({ code: 'timeout' })
    expect(await running.call('echo', { message: 'still there' })).toBe('Echo: still there')
  })
})

describe('after a kill -9', () => {
  test('of a program, what may be repeated is, and the rest works again', async () => {
    const running = await mcp(ofProgram(everything, 'stdio', 'to-be-killed'))
    const [pid] = childrenWith('to-be-killed')
    const progress = vi.fn().mockImplementationOnce(() => process.kill(pid!, 'SIGKILL'))
    const long = running.call('trigger-long-running-operation', { duration: 0.5, steps: 2 }, { progress })
    expect(await long).toContain('completed')
    expect(isAlive(pid!)).toBe(false)
    expect(await running.call('echo', { message: 'again' })).toBe('Echo: again')
    expect(running.log.lines()).toContainEqual(
      expect.objectContaining({ level: 'warn', reason: 'It ended (SIGKILL).' }),
    )
  })

  test('of a server, its tools stay, and work again with a new session', async () => {
    const server = await startHttpServer()
    const running = await mcp(ofAddress(server.url))
    await server.kill()
    expect(running.names()).toContain('odd__echo')
    expect(await running.failure('toggle-simulated-logging')).toMatchObject({
      code: 'mcp_unreachable',
      message: expect.stringMatching(/It did nothing\.$/),
    })
    const again = await startHttpServer(server.port)
    onTestFinished(() => again.kill())
    expect(await running.call('toggle-simulated-logging')).toContain('Started')
  })

  test('of ourselves, no server is left', async () => {
    const script = `
      import { McpServers } from '${join(import.meta.dirname, '../src/tools/mcp/mcp-servers.ts')}'
      import { createLogger } from '@spool/telemetry'
      const transport = ${JSON.stringify(ofProgram(everything, 'stdio', 'to-be-orphaned'))}
      const logger = createLogger({ service: 'test', instance: 'test', level: 'error' })
      const server = { name: 'odd', timeoutMs: 1000, repeatable: false, repeatableTools: [], transport }
      const servers = new McpServers([server], process.env, logger)
      await servers.start()
      console.log(servers.tools().length)`
    const flags = ['--conditions=spool-source', '--experimental-transform-types', '--input-type=module-typescript']
    const service = spawn(process.execPath, [...flags, '-e', script], {
      cwd: join(import.meta.dirname, '..'),
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    await once(service.stdout, 'data')
    const [orphan] = childrenWith('to-be-orphaned', service.pid)
    expect(isAlive(orphan!)).toBe(true)
    service.kill('SIGKILL')
    await vi.waitFor(() => expect(isAlive(orphan!)).toBe(false), 10_000)
  })
})

interface HttpServer {
  readonly url: string
  readonly port: number
  kill(): Promise<void>
}

async function startHttpServer(port?: number): Promise<HttpServer> {
  const chosen = port ?? (await freePort())
  const child: ChildProcess = spawn(process.execPath, [everything, 'streamableHttp'], {
    env: { PATH: process.env['PATH'], PORT: String(chosen) },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const exited = once(child, 'exit')
  await new Promise<void>((resolve) =>
    child.stderr!.on('data', (text: Buffer) => text.includes('listening on port') && resolve()),
  )
  return {
    url: `http://127.0.0.1:${chosen}/mcp`,
    port: chosen,
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
