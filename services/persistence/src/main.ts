import { runService } from '@spool/telemetry'
import { configSchema } from './config.ts'

await runService('persistence', configSchema, async (config, logger, stopping) => {
  const { startPersistence } = await import('./start-persistence.ts')
  return startPersistence(config, logger, stopping)
})
