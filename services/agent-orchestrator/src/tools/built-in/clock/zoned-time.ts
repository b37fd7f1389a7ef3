import type { Duration } from './duration.ts'

/** Of the time in zones we need two things only: the offset at an instant, and the instant at a time on the wall. */

const formats = new Map<string, Intl.DateTimeFormat>()

export function isTimeZone(zone: string): boolean {
  try {
    return formatOf(zone) !== undefined
  } catch {
    return false
  }
}

/** `2026-03-29T03:30:00+02:00` */
export function isoIn(zone: string, instant: number): string {
  const offset = offsetAt(zone, instant)
  const wall = new Date(instant + offset).toISOString().slice(0, 19)
  const minutes = Math.round(Math.abs(offset) / 60_000)
  return `${wall}${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

/** Months and days are those of the calendar on the wall, whatever the clocks are put forward or back; hours are hours. */
export function addIn(zone: string, instant: number, { months, days, milliseconds }: Duration): number {
  if (months === 0 && days === 0) return instant + milliseconds
  const wall = new Date(instant + offsetAt(zone, instant))
  const day = wall.getUTCDate()
  wall.setUTCDate(1)
  wall.setUTCMonth(wall.getUTCMonth() + months)
  // 31 January and a month: the last of February.
  const lastDay = new Date(Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth() + 1, 0)).getUTCDate()
  wall.setUTCDate(Math.min(day, lastDay) + days)
  // Beyond what a Date can hold, also a day around it, there are no offsets to ask for.
  return Math.abs(wall.getTime()) < 8e15 ? instantAt(zone, wall.getTime()) + milliseconds : Number.NaN
}

/** A time that the clocks leave out becomes the later one; of one that comes twice, the first. */
function instantAt(zone: string, wall: number): number {
  const [before, after] = [offsetAt(zone, wall - 86_400_000), offsetAt(zone, wall + 86_400_000)]
  const first = wall - before
  return offsetAt(zone, first) === before || offsetAt(zone, wall - after) !== after ? first : wall - after
}

function offsetAt(zone: string, instant: number): number {
  const part = formatOf(zone)
    .formatToParts(instant)
    .find(({ type }) => type === 'timeZoneName')
  const [, sign, hours = '0', minutes = '0', seconds = '0'] =
    /GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?/.exec(part?.value ?? '') ?? []
  return (sign === '-' ? -1 : 1) * ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000
}

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' })
    // Zones come from models, in any spelling of upper and lower case: not all of them are kept.
    if (formats.size >= 500) formats.clear()
    formats.set(zone, format)
  }
  return format
}

const two = (value: number) => String(value).padStart(2, '0')
