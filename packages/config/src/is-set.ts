import type { Environment } from './load-config.ts'

/** `NAME=` counts as not set, and white space is neither a key nor a name. */
export const isSet = (env: Environment, name: string): boolean => Boolean(env[name]?.trim())
