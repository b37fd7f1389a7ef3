import { usageProblem } from '../problem.ts'

const UNIT_MS = { h: 3_600_000, d: 86_400_000 } as const
const SPAN = /^([1-9]\d{0,5})([hd])$/
/** A day, or a day with a time that says its zone: one that does not means another moment on each machine. */
const MOMENT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/

/** `90d`, `12h`, or a moment such as `2027-01-31` or `2027-01-31T12:00:00Z`, as an ISO time. */
export function expiryOf(text: string, nowMs: number): string {
  const [, count, unit] = SPAN.exec(text) ?? []
  const atMs = unit === 'h' || unit === 'd' ? nowMs + Number(count) * UNIT_MS[unit] : momentOf(text)
  if (!Number.isFinite(atMs)) {
    throw usageProblem(
      `--expires takes a span (90d, 12h) or a moment (2027-01-31, 2027-01-31T12:00:00Z), not "${text}".`,
    )
  }
  if (atMs <= nowMs) throw usageProblem(`--expires ${text} is over already. No key was made.`)
  return new Date(atMs).toISOString()
}

const momentOf = (text: string) => (MOMENT.test(text) ? Date.parse(text) : Number.NaN)
