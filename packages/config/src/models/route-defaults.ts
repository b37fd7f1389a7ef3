import type { RouteSettings } from './route-settings.ts'

/** What holds for every provider. */
export const routeDefaults = {
  repeats: false,
  firstTokenTimeoutMs: 30_000,
  stallTimeoutMs: 30_000,
  attempts: 3,
} as const satisfies Partial<RouteSettings>
