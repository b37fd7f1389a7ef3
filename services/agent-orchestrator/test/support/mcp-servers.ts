import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { McpServerSettings } from '@spool/config'
import { onTestFinished } from 'vitest'
import { McpServers } from '../../src/tools/mcp/mcp-servers.ts'
import type { ToolError } from '../../src/tools/tool-error.ts'
import type { Tool, ToolContext } from '../../src/tools/tool.ts'
import { type RecordedLog, recordedLog } from './recorded-log.ts'
import { type ToldContext, toolContext } from './tool-context.ts'

const here = import.meta.dirname

/** The reference server that others wrote. */
export const everything = join(here, '../../node_modules/@modelcontextprotocol/server-everything/dist/index.js')

export const ofProgram = (file: string, ...args: string[]): McpServerSettings['transport'] => ({
  kind: 'stdio',
  command: process.execPath,
  args: [file, ...args],
  env: [],
  cwd: null,
})

export const ofAddress = (url: string, headerEnvs = {}): McpServerSettings['transport'] => ({
  kind: 'http',
  url,
  headerEnvs,
})

export const oddServer = (options = {}) => ofProgram(join(here, 'odd-mcp-server.mjs'), JSON.stringify(options))

export interface McpUnderTest {
  readonly servers: McpServers
  readonly log: RecordedLog
  readonly names: () => string[]
  readonly tool: (name: string) => Tool
  readonly call: (name: string, input?: unknown, context?: Partial<ToolContext>) => Promise<unknown>
  readonly failure: (name: string, input?: unknown, context?: Partial<ToolContext>) => Promise<ToolError>
  readonly stop: () => Promise<void>
}

type Changes = Partial<McpServerSettings> & { env?: Record<string, string> }

/** One server called `odd`, connected; to be stopped by the caller. */
export async function startMcp(
  transport: McpServerSettings['transport'],
  changes: Changes = {},
): Promise<McpUnderTest> {
  const { env = {}, ...settings } = changes
  const log = recordedLog()
  const server = { name: 'odd', timeoutMs: 20_000, repeatable: false, repeatableTools: [], transport, ...settings }
  const servers = new McpServers([server], { PATH: process.env['PATH'], ...env }, log.logger)
  await servers.start()
  const tool = (name: string) => {
    const found = servers.tools().find((each) => each.name === `${server.name}__${name}`)
    if (found === undefined) throw new Error(`There is no tool ${name}; the log: ${log.text()}`)
    return found
  }
  const call = (name: string, input: unknown = {}, context: Partial<ToolContext> = {}) =>
    tool(name).run(input, isTold(context) ? context : toolContext(context))
  return {
    servers,
    log,
    names: () => servers.tools().map(({ name }) => name),
    tool,
    call,
    failure: (...args) =>
      call(...args).then(
        (output) => {
          throw new Error(`It should have failed, but gave ${JSON.stringify(output)}`)
        },
        (error: ToolError) => error,
      ),
    stop: () => servers.stop(),
  }
}

/** The same, stopped when the test is over. */
export async function mcp(transport: McpServerSettings['transport'], changes: Changes = {}): Promise<McpUnderTest> {
  const started = await startMcp(transport, changes)
  onTestFinished(() => started.stop())
  return started
}

/** The programs that this one, or another, has started, with this in their command line. */
export function childrenWith(text: string, parent = process.pid): number[] {
  const { stdout } = spawnSync('pgrep', ['-P', String(parent), '-f', text], { encoding: 'utf8' })
  return stdout.split('\n').filter(Boolean).map(Number)
}

/** One that has ended and that nobody has asked about yet is not alive. */
export function isAlive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
  return /^[^Z\s]/.test(stdout.trim())
}

const isTold = (context: Partial<ToolContext>): context is ToldContext => 'told' in context
