import { z } from 'zod'

/** What a setting says about itself, for error lines and for the README's table. */
export interface SettingMeta {
  /** What may be written there, e.g. `a whole number from 0 to 65535`. */
  allowed?: string
  /**
   * The value may be shown to people and logs. Off unless a setting says so: a key, or a URL with a password in it,
   * must not be printed because somebody forgot to mark it.
   */
  showValue?: boolean
  description?: string
  /** In a file: it is the name of an environment variable, in whose place people write what is in the variable. */
  namesVariable?: boolean
}

/** Reads the meta of a setting through `.default()`, `.optional()` and the like; the outermost word wins. */
export function settingMeta(schema: z.core.$ZodType): SettingMeta {
  const own = (z.globalRegistry.get(schema) ?? {}) as SettingMeta
  const inner = innerSchema(schema)
  return inner ? { ...settingMeta(inner), ...own } : own
}

/** The value that stands when the variable is not set; undefined where there is none. */
export function settingDefault(schema: z.core.$ZodType): unknown {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) return schema.def.defaultValue
  const inner = innerSchema(schema)
  return inner ? settingDefault(inner) : undefined
}

function innerSchema(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodPipe) return schema.def.in
  const wraps = schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional
  return wraps ? schema.def.innerType : undefined
}
