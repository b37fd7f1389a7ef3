import { runService } from '@spool/telemetry'
import { configSchema } from './config.ts'

await runService('gateway', configSchema, async (config, logger) => {
  const { startGateway } = await import('./start-gateway.ts')
  const gateway = await startGateway(config, logger)
  return { about: { url: gateway.url }, stop: () => gateway.stop() }
})
