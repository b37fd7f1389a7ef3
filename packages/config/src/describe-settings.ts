import type { z } from 'zod'
import { objectShape } from './load-config.ts'
import { settingDefault, settingMeta } from './setting-meta.ts'

export interface SettingDescription {
  variable: string
  description: string
  allowed: string
  /** As text; absent where the variable has no default. */
  default?: string
  required: boolean
}

/** What a schema takes, setting by setting: the source of the README's table, so that it cannot fall behind. */
export function describeSettings(schema: z.ZodType): SettingDescription[] {
  return Object.entries(objectShape(schema) ?? {}).map(([variable, setting]) => {
    const { description = '', allowed = '' } = settingMeta(setting)
    const value = settingDefault(setting)
    return {
      variable,
      description,
      allowed,
      required: !setting.isOptional(),
      ...(value === undefined ? {} : { default: Array.isArray(value) ? value.join(',') : String(value) }),
    }
  })
}
