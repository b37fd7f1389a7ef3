import { setTimeout as delay } from 'node:timers/promises'
import type { Environment, McpServerSettings } from '@spool/config'
import type { Logger } from '@spool/telemetry'
import { McpConnection } from './connection.ts'
import { reasonOf } from './failure.ts'
import type { McpTool } from './mcp-tool.ts'
import { ToolOffer } from './tool-offer.ts'

const firstPauseMs = 250
const maxPauseMs = 30_000
/** Also calls that want it to be there make it start no more often. */
const betweenAttemptsMs = 500
/** One that stayed this long has come back; one that did not is still in trouble. */
const stableMs = 10_000

/**
 * One MCP server: kept connected, its tools known. While it is away they stay as they were last, and a call tries at once
 * whether it is back.
 */
export class McpServer {
  readonly #offer: ToolOffer
  #connection: McpConnection | null = null
  #connecting: Promise<McpConnection> | null = null
  #lastAttemptAt = -Infinity
  #listing: Promise<void> = Promise.resolve()
  /** The log has said that it is away, and not yet that it is back. */
  #isTroubled = false
  /** It was connected last, but did not stay. */
  #wasBrief = false
  readonly #stopped = new AbortController()
  #kept: Promise<void> = Promise.resolve()

  constructor(
    readonly settings: McpServerSettings,
    private readonly env: Environment,
    private readonly logger: Logger,
  ) {
    this.#offer = new ToolOffer(this, logger)
  }

  get tools(): readonly McpTool[] {
    return this.#offer.tools
  }

  /** Resolves when it was reached, or not, for the first time. */
  async start(): Promise<void> {
    const firstAttempt = this.#connect()
    this.#kept = this.#keepConnected()
    await firstAttempt.catch(() => {})
  }

  /** It has neither come nor failed, and is waited for no longer. */
  tellSilent(waitedMs: number): void {
    if (this.#stopped.signal.aborted) return
    this.#tellTrouble(`It has not answered in ${waitedMs / 1000} s; the start goes on without it.`)
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#connecting?.catch(() => {})
    await this.#connection?.close()
    await this.#kept
  }

  /** As it is, or as it comes about now; fails when it does not, without waiting for better times. */
  async connection(signal: AbortSignal): Promise<McpConnection> {
    signal.throwIfAborted()
    if (this.#connection !== null) return this.#connection
    const aborted = Promise.withResolvers<never>()
    const abort = () => aborted.reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    try {
      return await Promise.race([this.#connect(), aborted.promise])
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  async #keepConnected(): Promise<void> {
    const { signal } = this.#stopped
    for (let failures = 0; !signal.aborted; failures++) {
      let reason: string
      try {
        const connection = await this.#connect()
        const since = performance.now()
        reason = await connection.closed
        this.#wasBrief = performance.now() - since < stableMs
        if (!this.#wasBrief) failures = 0
      } catch (error) {
        reason = reasonOf(error)
      }
      if (signal.aborted) return
      this.#tellTrouble(reason)
      const pauseMs = Math.min(maxPauseMs, firstPauseMs * 2 ** failures) * (0.75 + Math.random() / 2)
      await delay(pauseMs, undefined, { signal }).catch(() => {})
    }
  }

  /** At most one at a time, whoever asks. */
  #connect(): Promise<McpConnection> {
    if (this.#connection !== null) return Promise.resolve(this.#connection)
    this.#connecting ??= this.#open().finally(() => (this.#connecting = null))
    return this.#connecting
  }

  async #open(): Promise<McpConnection> {
    const { signal } = this.#stopped
    const tooEarlyMs = this.#lastAttemptAt + betweenAttemptsMs - performance.now()
    if (tooEarlyMs > 0) await delay(tooEarlyMs, undefined, { signal })
    signal.throwIfAborted()
    this.#lastAttemptAt = performance.now()
    let open: McpConnection | null = null
    let hasChanged = false
    const connection = await McpConnection.open(this.settings, {
      env: this.env,
      logger: this.logger,
      signal,
      onToolsChanged: () => {
        if (open === null) hasChanged = true
        else void this.#listAgain(open)
      },
    })
    try {
      await this.#list(connection)
      signal.throwIfAborted()
    } catch (error) {
      await connection.close()
      throw error
    }
    open = connection
    this.#connection = connection
    void connection.closed.then(() => (this.#connection = null))
    void this.#tellConnected(connection)
    // Told while the list was on its way: it may be older than that.
    if (hasChanged) void this.#listAgain(connection)
    return connection
  }

  async #listAgain(connection: McpConnection): Promise<void> {
    try {
      await this.#list(connection)
      this.logger.debug({ tools: this.tools.length }, 'The tools of an MCP server have changed')
    } catch (error) {
      // Where it has gone, it is asked again when it is back.
      if (connection !== this.#connection || this.#stopped.signal.aborted) return
      this.logger.warn({ reason: reasonOf(error) }, 'An MCP server has other tools now but does not tell them')
    }
  }

  /** One after another: an older list is not to come after a newer one. */
  #list(connection: McpConnection): Promise<void> {
    const listing = this.#listing.then(async () => {
      await this.#offer.update(await connection.listTools(this.#stopped.signal))
    })
    this.#listing = listing.catch(() => {})
    return listing
  }

  async #tellConnected(connection: McpConnection): Promise<void> {
    if (this.#wasBrief) {
      const isGone = connection.closed.then(() => true)
      if (await Promise.race([isGone, delay(stableMs, false, { ref: false })])) return
    }
    this.#isTroubled = false
    this.logger.info({ tools: this.tools.length }, 'An MCP server is connected')
  }

  /** Once for each time that it is away. */
  #tellTrouble(reason: string): void {
    if (this.#isTroubled) this.logger.debug({ reason }, 'An MCP server is still away')
    else this.logger.warn({ reason }, 'An MCP server is away: its tools fail meanwhile, and it is tried again')
    this.#isTroubled = true
  }
}
