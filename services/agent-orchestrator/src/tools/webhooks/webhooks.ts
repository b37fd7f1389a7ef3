import type { Environment, WebhookSettings } from '@spool/config'
import type { Logger } from '@spool/telemetry'
import type { Tool } from '../tool.ts'
import type { ToolSource } from '../toolbox.ts'
import { WebhookTool } from './webhook-tool.ts'

/** The tools that HTTP endpoints carry out. One that cannot work is left out, and the log says why. */
export class Webhooks implements ToolSource {
  readonly #tools: readonly Tool[]

  constructor(settings: readonly WebhookSettings[], env: Environment, logger: Logger) {
    this.#tools = settings.flatMap((webhook) => {
      const secret = env[webhook.secretEnv]
      if (secret) return [new WebhookTool(webhook, secret)]
      const problem = `${webhook.secretEnv} is not set`
      logger.warn({ tool: webhook.name, problem }, 'A webhook is left out of the tools')
      return []
    })
  }

  tools(): readonly Tool[] {
    return this.#tools
  }
}
