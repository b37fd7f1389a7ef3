import { describeSettings } from '@spool/config'

/** The fields of a map in spool.config.yaml, as the rows of a table. */
export function fieldTable(schema: Parameters<typeof describeSettings>[0], prefix = ''): string[] {
  return describeSettings(schema).map(({ variable, description, allowed, default: preset, required }) => {
    const shown = required ? 'required' : preset ? `\`${preset}\`` : ''
    return `| \`${prefix}${variable}\` | ${allowed} | ${shown} | ${description} |`
  })
}
