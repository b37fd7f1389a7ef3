import { describeSettings } from '@spool/config'
import { routeSchema } from '../../packages/config/src/models/route-schema.ts'

/** The fields of a route in spool.config.yaml, as the rows of a table. */
export function routeTable(): string[] {
  return describeSettings(routeSchema).map(({ variable, description, allowed, default: preset, required }) => {
    const shown = required ? 'required' : preset === undefined ? '' : `\`${preset}\``
    return `| \`${variable}\` | ${allowed} | ${shown} | ${description} |`
  })
}
