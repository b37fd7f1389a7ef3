import { relative } from 'node:path'
import type { ModelCatalogue, RouteSettings } from '@spool/config'

const nameOf = ({ provider, model }: RouteSettings) => (provider === 'demo' ? model : `${provider}/${model}`)

const howToGetAnother = ' (set OPENAI_API_KEY or ANTHROPIC_API_KEY, or write spool.config.yaml: docs/models.md)'

/** What `default` stands for, in one line for whoever starts Spool. */
export function modelsLine(models: ModelCatalogue): string {
  return [standsFor(models), ...models.hints].join('; ')
}

function standsFor(models: ModelCatalogue): string {
  if (models.origin === 'demo') return `the demo model${models.hints.length > 0 ? '' : howToGetAnother}`
  const routes = (models.routesOf('default') ?? []).map(nameOf).join(' -> ')
  return `default = ${routes}${models.file ? ` (${nearPath(models.file)})` : ''}`
}

/** From the working folder where it lies below it. */
function nearPath(file: string): string {
  const near = relative(process.cwd(), file)
  return near.startsWith('..') ? file : near
}
