/** ISO 8601: `P1Y2M3W4DT5H6M7S`, each part optional, a sign before it for the past. */
export interface Duration {
  readonly months: number
  readonly days: number
  readonly milliseconds: number
}

const DURATION =
  /^([+-])?P(?=\w)(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?$/

export function parseDuration(text: string): Duration | undefined {
  const match = DURATION.exec(text)
  if (match === null) return undefined
  const sign = match[1] === '-' ? -1 : 1
  const [years, months, weeks, days, hours, minutes, seconds] = [2, 3, 4, 5, 6, 7, 8].map(
    (at) => sign * Number(match[at] ?? 0),
  ) as [number, number, number, number, number, number, number]
  return {
    months: years * 12 + months,
    days: weeks * 7 + days,
    milliseconds: ((hours * 60 + minutes) * 60 + seconds) * 1000,
  }
}
