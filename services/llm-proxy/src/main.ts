import { runService } from '@spool/telemetry'
import { configSchema } from './config.ts'

await runService('llm-proxy', configSchema, async (config, logger) => {
  const { startLlmProxy } = await import('./start-llm-proxy.ts')
  return startLlmProxy(config, logger, process.env)
})
