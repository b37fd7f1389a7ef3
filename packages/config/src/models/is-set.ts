import type { Environment } from '../load-config.ts'

/** `NAME=` counts as not set. */
export const isSet = (env: Environment, name: string): boolean => Boolean(env[name])
