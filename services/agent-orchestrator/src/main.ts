import { runService } from '@spool/telemetry'
import { configSchema } from './config.ts'

await runService('agent-orchestrator', configSchema, async (config, logger) => {
  const { startOrchestrator } = await import('./start-orchestrator.ts')
  return startOrchestrator(config, logger, process.env)
})
