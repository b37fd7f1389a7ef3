import {
  type CallToolResult,
  Client,
  type Progress,
  ProtocolError,
  SdkHttpError,
  type Tool,
} from '@modelcontextprotocol/client'
import type { Environment, McpServerSettings } from '@spool/config'
import type { Logger } from '@spool/telemetry'
import { setTimeout as delay } from 'node:timers/promises'
import * as z from 'zod'
import { spoolVersion } from '../spool-version.ts'
import { bareEnvironment } from './bare-environment.ts'
import { HttpTransport } from './http-transport.ts'
import { stderrLog } from './stderr-log.ts'
import { StdioTransport } from './stdio-transport.ts'

/** For a server that is fetched from a registry when it is first started. */
const connectLimitMs = 60_000
const listLimitMs = 30_000
const goodbyeLimitMs = 1000
const maxPages = 200
/** More than are offered: a list has no end that its server does not want it to have. */
const maxListed = 2000
const listChangedDebounceMs = 100

const toolsPage = z.object({ tools: z.array(z.unknown()), nextCursor: z.string().optional() })

export interface CallOptions {
  readonly signal: AbortSignal
  readonly onprogress: (progress: Progress) => void
}

export interface OpenOptions {
  readonly env: Environment
  readonly logger: Logger
  readonly signal: AbortSignal
  /** Called whenever the server says so. */
  readonly onToolsChanged: () => void
}

type Era = 'before 2026-07-28' | 'since 2026-07-28'

/** One connection to one server, from the handshake to its end. */
export class McpConnection {
  readonly #client: Client
  readonly #transport: StdioTransport | HttpTransport
  readonly #closed = Promise.withResolvers<string>()
  #reason: string | null = null

  private constructor(client: Client, transport: StdioTransport | HttpTransport) {
    this.#client = client
    this.#transport = transport
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- it has no other way to tell
    client.onclose = () => this.#closed.resolve(this.#reason ?? 'The connection was closed.')
    transport.onlost = (reason) => void this.lose(reason)
  }

  /**
   * Nearly all servers speak as was usual before the protocol of 2026-07-28, the newer ones as well. One that refuses to is
   * spoken to as is usual since.
   */
  static async open(settings: McpServerSettings, options: OpenOptions): Promise<McpConnection> {
    try {
      return await McpConnection.#open(settings, options, 'before 2026-07-28')
    } catch (error) {
      if (!isRefusal(error)) throw error
      return McpConnection.#open(settings, options, 'since 2026-07-28').catch((later: unknown) => {
        throw isRefusal(later) ? error : later
      })
    }
  }

  static async #open(settings: McpServerSettings, options: OpenOptions, era: Era): Promise<McpConnection> {
    const { env, logger, signal, onToolsChanged } = options
    const client = new Client(
      { name: 'spool', version: spoolVersion },
      {
        versionNegotiation: { mode: era === 'before 2026-07-28' ? 'legacy' : { pin: '2026-07-28' } },
        listChanged: { tools: { autoRefresh: false, debounceMs: listChangedDebounceMs, onChanged: onToolsChanged } },
      },
    )
    const connection = new McpConnection(client, transportOf(settings, env, logger))
    try {
      await client.connect(connection.#transport, { timeout: connectLimitMs, signal })
    } catch (error) {
      const reason = connection.#reason
      await connection.close()
      throw reason === null ? error : new Error(reason, { cause: error })
    }
    // Without its notifications we would be left with the tools of yesterday.
    void client.autoOpenedSubscription?.closed.then((how) =>
      how === 'remote' ? connection.lose('It fell silent.') : undefined,
    )
    return connection
  }

  /** Why it ended, once it has. */
  get closed(): Promise<string> {
    return this.#closed.promise
  }

  /** Whether the server keeps something for this connection that it may lose. */
  get hasSession(): boolean {
    return this.#transport instanceof HttpTransport && this.#transport.sessionId !== undefined
  }

  /** As they are told; nobody has checked what each of them is like. */
  async listTools(stopped: AbortSignal): Promise<unknown[]> {
    if (this.#client.getServerCapabilities()?.tools === undefined) return []
    const signal = AbortSignal.any([stopped, AbortSignal.timeout(listLimitMs)])
    const tools: unknown[] = []
    let cursor: string | undefined
    for (let pages = 0; pages < maxPages; pages++) {
      const params = cursor === undefined ? {} : { cursor }
      const page = await this.#client.request({ method: 'tools/list', params }, toolsPage, { signal })
      for (const tool of page.tools.slice(0, maxListed - tools.length)) tools.push(tool)
      if (tools.length === maxListed || page.nextCursor === undefined || page.nextCursor === cursor) break
      cursor = page.nextCursor
    }
    return tools
  }

  call(tool: Tool, input: unknown, { signal, onprogress }: CallOptions): Promise<CallToolResult> {
    return this.#client.callTool(
      { name: tool.name, arguments: input as Record<string, unknown> },
      {
        signal,
        onprogress,
        // The signal says when it is over; the SDK's own limit is not to come first.
        timeout: 2 ** 31 - 1,
        // What it gives is passed on whether or not it is what was promised: it has been done.
        toolDefinition: { ...tool, outputSchema: undefined },
      },
    )
  }

  /** Calls that are on their way fail, and `closed` gives the reason. */
  async lose(reason: string): Promise<void> {
    this.#reason ??= reason
    await this.#client.close()
  }

  async close(): Promise<void> {
    if (this.#transport instanceof HttpTransport) {
      const goodbye = this.#transport.terminateSession().catch(() => {})
      await Promise.race([goodbye, delay(goodbyeLimitMs, undefined, { ref: false })])
    }
    await this.#client.close()
  }
}

/** It was there, and did not want to speak like this. */
const isRefusal = (error: unknown) =>
  error instanceof ProtocolError || (error instanceof SdkHttpError && error.status === 400)

function transportOf({ transport }: McpServerSettings, env: Environment, logger: Logger) {
  if (transport.kind === 'http') {
    const headers = Object.entries(transport.headerEnvs).map(([name, variable]) => [name, headerIn(env, variable)])
    return new HttpTransport(transport.url, Object.fromEntries(headers))
  }
  const { command, args, cwd } = transport
  return new StdioTransport({ command, args, cwd, env: bareEnvironment(env, transport.env) }, stderrLog(logger))
}

/** Who sends what is no header says so by quoting it, and that is a secret. */
function headerIn(env: Environment, variable: string): string {
  const value = env[variable]!.trim()
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return value
  throw new Error(`What ${variable} holds cannot be sent in a header: it has line breaks or other characters in it.`)
}
