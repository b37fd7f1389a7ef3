export type RawMap = Readonly<Record<string, unknown>>

export const isMap = (value: unknown): value is RawMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
