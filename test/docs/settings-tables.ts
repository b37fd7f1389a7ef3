import { describeSettings, modelSettings } from '@spool/config'
import { launchSchema } from '../../infra/dev/src/launcher/settings.ts'
import { configSchema as orchestrator } from '../../services/agent-orchestrator/src/config.ts'
import { configSchema as gateway } from '../../services/gateway/src/config.ts'
import { configSchema as proxy } from '../../services/llm-proxy/src/config.ts'
import { configSchema as persistence } from '../../services/persistence/src/config.ts'

/** What `npm start` reads. */
export function launcherTable(): string[] {
  return describeSettings(launchSchema).map(({ variable, description, default: preset }) => {
    return `| \`${variable}\` | ${preset === undefined ? '' : `\`${preset}\``} | ${description} |`
  })
}

/** What only the services read, each setting once. */
export function servicesTable(): string[] {
  const ofLauncher = new Set(describeSettings(launchSchema).map(({ variable }) => variable))
  const rows = new Map<string, string>()
  for (const [service, schema] of Object.entries({ gateway, 'llm-proxy': proxy, orchestrator, persistence })) {
    for (const { variable, description, default: preset } of describeSettings(schema)) {
      if (ofLauncher.has(variable) || rows.has(variable)) continue
      const shown = preset === undefined || preset.includes(String(process.pid)) ? '' : `\`${preset}\``
      const isCommon = ['SPOOL_INSTANCE', 'METRICS_PORT'].includes(variable) || Object.hasOwn(modelSettings, variable)
      rows.set(variable, `| \`${variable}\` | ${isCommon ? '' : service} | ${shown} | ${description} |`)
    }
  }
  return [...rows.values()]
}
