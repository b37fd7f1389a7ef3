import type { Environment, WebhookSettings } from '@spool/config'
import type { Logger } from '@spool/telemetry'
import { requireSchema } from '../schema/problem-of.ts'
import { SchemaInvalid } from '../schema/schema-invalid.ts'
import type { Tool } from '../tool.ts'
import type { ToolSource } from '../toolbox.ts'
import { WebhookTool } from './webhook-tool.ts'

/** The tools that HTTP endpoints carry out. One that cannot work is left out, and the log says why. */
export class Webhooks implements ToolSource {
  readonly #tools: readonly Tool[]

  constructor(settings: readonly WebhookSettings[], env: Environment, logger: Logger) {
    this.#tools = settings.flatMap((webhook) => {
      const secret = env[webhook.secretEnv]
      const problem = secret ? schemaProblem(webhook) : `${webhook.secretEnv} is not set`
      if (problem === null) return [new WebhookTool(webhook, secret!)]
      logger.warn({ tool: webhook.name, problem }, 'A webhook is left out of the tools')
      return []
    })
  }

  tools(): readonly Tool[] {
    return this.#tools
  }
}

function schemaProblem({ inputSchema }: WebhookSettings): string | null {
  try {
    requireSchema(inputSchema)
    return null
  } catch (error) {
    if (error instanceof SchemaInvalid) return `Its input schema cannot be used: ${error.message}`
    throw error
  }
}
