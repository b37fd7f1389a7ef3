const longestMs = 24 * 3600 * 1000

/** How long a provider asks to be left alone: `retry-after-ms`, or `retry-after` in seconds or as a date. */
export function retryAfterMs(headers: Readonly<Record<string, string>>, nowMs = Date.now()): number | undefined {
  const inMs = number(headers['retry-after-ms'])
  const inSeconds = number(headers['retry-after'])
  const date = inSeconds === undefined ? Date.parse(headers['retry-after'] ?? '') - nowMs : Number.NaN
  const waitMs = inMs ?? (inSeconds === undefined ? date : inSeconds * 1000)
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(0, Math.round(waitMs)), longestMs)
}

function number(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : undefined
}
