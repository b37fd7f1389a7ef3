import { setTimeout as delay } from 'node:timers/promises'
import type { CallToolResult, Progress, Tool as Definition } from '@modelcontextprotocol/client'
import { problemOf } from '@spool/config'
import { OutcomeUnknown } from '../outcome-unknown.ts'
import { ToolError } from '../tool-error.ts'
import type { Tool, ToolContext } from '../tool.ts'
import { type Failure, readFailure, reasonOf } from './failure.ts'
import type { McpServer } from './mcp-server.ts'
import { readResult } from './read-result.ts'

const maxTries = 4
const firstPauseMs = 250
const maxDescriptionLength = 8000
const maxStepLength = 500

type Attempt = { readonly result: CallToolResult } | { readonly failure: Failure }

/** A tool of an MCP server. It outlives the connection that told of it. */
export class McpTool implements Tool {
  readonly description: string
  readonly repeatable: boolean
  readonly asksFirst = false
  readonly maxOutputBytes = 64 * 1024

  constructor(
    readonly name: string,
    readonly definition: Definition,
    private readonly server: McpServer,
  ) {
    const { title, annotations, description = title ?? annotations?.title } = definition
    const { repeatable, repeatableTools } = server.settings
    this.description = (description ?? `${definition.name} of ${server.settings.name}`).slice(0, maxDescriptionLength)
    this.repeatable =
      repeatable ||
      repeatableTools.includes(definition.name) ||
      annotations?.readOnlyHint === true ||
      annotations?.idempotentHint === true
  }

  get inputSchema() {
    return this.definition.inputSchema
  }

  get timeoutMs() {
    return this.server.settings.timeoutMs
  }

  problemOf(input: unknown): string | null {
    return problemOf(this.inputSchema, input)
  }

  async run(input: unknown, context: ToolContext): Promise<unknown> {
    const signal = AbortSignal.any([context.signal, AbortSignal.timeout(this.timeoutMs)])
    // Of any of the tries: one that did not leave this machine says nothing about those before it.
    let mayBeDone = false
    for (let tries = 1; ; tries++) {
      const attempt = await this.#attempt(input, context, signal)
      if ('result' in attempt) return readResult(attempt.result)
      const { failure } = attempt
      if (failure.kind === 'told') throw failure.error
      mayBeDone ||= failure.kind === 'lost' || failure.kind === 'passing'
      const mayRepeat = this.repeatable || !mayBeDone
      if (!mayRepeat || tries === maxTries || signal.aborted) throw this.#asToolError(failure, mayBeDone, signal)
      await delay(firstPauseMs * 2 ** (tries - 1), undefined, { signal }).catch(() => {})
    }
  }

  async #attempt(input: unknown, context: ToolContext, signal: AbortSignal): Promise<Attempt> {
    const connection = await this.server.connection(signal).catch(reasonOf)
    if (typeof connection === 'string') return { failure: { kind: 'unsent', reason: connection } }
    try {
      const onprogress = (progress: Progress) => context.progress(stepOf(progress))
      return { result: await connection.call(this.definition, input, { signal, onprogress }) }
    } catch (error) {
      const failure = readFailure(error, connection.hasSession)
      if (failure.kind === 'session lost') await connection.lose(failure.reason)
      return { failure }
    }
  }

  #asToolError(failure: Failure, mayBeDone: boolean, signal: AbortSignal): ToolError {
    if ('error' in failure) return failure.error
    const what = signal.aborted
      ? `The MCP server ${this.server.settings.name} did not answer in time`
      : `The MCP server ${this.server.settings.name} could not be asked to the end (${failure.reason})`
    if (!mayBeDone) return new ToolError('mcp_unreachable', `${what}. It did nothing.`)
    if (this.repeatable) return new ToolError(signal.aborted ? 'timeout' : 'mcp_unreachable', `${what}.`)
    const unknown = `${what}: whether the call was carried out is not known. It was not tried again.`
    return new OutcomeUnknown('outcome_unknown', unknown)
  }
}

function stepOf({ progress, total, message }: Progress) {
  const share = total !== undefined && total > 0 ? Math.min(1, Math.max(0, progress / total)) : undefined
  return {
    ...(share !== undefined && { progress: share }),
    ...(message !== undefined && { text: message.slice(0, maxStepLength) }),
  }
}
