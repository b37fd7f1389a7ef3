import * as z from 'zod'
import { ToolError } from '../../tool-error.ts'
import { zodTool } from '../zod-tool.ts'
import { parseDuration } from './duration.ts'
import { addIn, isoIn, isTimeZone } from './zoned-time.ts'

/** Years that ISO 8601 writes with four digits. */
const EARLIEST = Date.parse('0001-01-03T00:00:00Z')
const LATEST = Date.UTC(9999, 11, 29)

export const clock = (now: () => number = Date.now) =>
  zodTool({
    name: 'clock',
    description: 'Tells the current date and time in a time zone, or what they are a duration from now.',
    input: z.strictObject({
      time_zone: z
        .string()
        .max(64)
        .refine(isTimeZone, 'must be an IANA time zone, like Asia/Tokyo')
        .default('UTC')
        .describe('IANA name, like Asia/Tokyo'),
      add: z
        .string()
        .max(64)
        .refine((text) => parseDuration(text) !== undefined, 'must be an ISO 8601 duration, like P1DT2H or -PT90M')
        .optional()
        .describe('ISO 8601 duration to add: P1M is a month, P1DT2H a day and two hours, -PT90M 90 minutes ago'),
    }),
    repeatable: true,
    timeoutMs: 10_000,
    async run({ time_zone, add }, { language }) {
      const duration = add === undefined ? undefined : parseDuration(add)
      const instant = duration === undefined ? now() : addIn(time_zone, now(), duration)
      if (!(instant >= EARLIEST && instant <= LATEST)) {
        throw new ToolError('out_of_range', 'That is before the year 1 or after the year 9999.')
      }
      return {
        iso: isoIn(time_zone, instant),
        utc: new Date(instant).toISOString(),
        time_zone,
        text: inWords(language, time_zone, instant),
      }
    },
  })

function inWords(language: string | null, timeZone: string, instant: number): string {
  const style = { dateStyle: 'full', timeStyle: 'long', timeZone, calendar: 'gregory' } as const
  try {
    return new Intl.DateTimeFormat(language ?? 'en', style).format(instant)
  } catch {
    // A language comes from the request, and need not be a tag.
    return new Intl.DateTimeFormat('en', style).format(instant)
  }
}
