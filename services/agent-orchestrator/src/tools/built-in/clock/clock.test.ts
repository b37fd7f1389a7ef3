import { expect, test } from 'vitest'
import { toolContext } from '../../../../test/support/tool-context.ts'
import { clock } from './clock.ts'

const at = (instant: string) => clock(() => Date.parse(instant))
const told = async (instant: string, input: object, language: string | null = null) =>
  (await at(instant).run(input, toolContext({ language }))) as { iso: string; utc: string; text: string }

test('it tells the time in UTC where no zone is named', async () => {
  expect(await told('2026-01-31T23:30:00Z', {})).toEqual({
    iso: '2026-01-31T23:30:00+00:00',
    utc: '2026-01-31T23:30:00.000Z',
    time_zone: 'UTC',
    text: 'Saturday, January 31, 2026 at 11:30:00 PM UTC',
  })
})

test('the text is in the language of the run; what is no language is read as English', async () => {
  const input = { time_zone: 'Asia/Tokyo' }
  expect((await told('2026-01-31T23:30:00Z', input, 'ja')).text).toContain('2026年2月1日日曜日')
  expect((await told('2026-01-31T23:30:00Z', input, 'fr')).text).toContain('dimanche 1 février 2026')
  expect((await told('2026-01-31T23:30:00Z', input, '!!')).text).toContain('Sunday, February 1, 2026')
})

test.each([
  ['2026-06-01T12:00:00Z', 'America/New_York', undefined, '2026-06-01T08:00:00-04:00'],
  ['2026-06-01T12:00:00Z', 'Asia/Kolkata', undefined, '2026-06-01T17:30:00+05:30'],
  ['2026-01-31T12:00:00Z', 'UTC', 'P1M', '2026-02-28T12:00:00+00:00'],
  ['2024-02-29T12:00:00Z', 'UTC', 'P1Y', '2025-02-28T12:00:00+00:00'],
  ['2026-03-31T12:00:00Z', 'UTC', '-P1M', '2026-02-28T12:00:00+00:00'],
  ['2026-01-01T00:30:00Z', 'UTC', '-PT45M', '2025-12-31T23:45:00+00:00'],
  ['2026-01-01T00:00:00Z', 'UTC', 'P1W1DT1H1M1S', '2026-01-09T01:01:01+00:00'],
  // Over the change of clocks on 29 March 2026: a day keeps the time on the wall, 24 hours do not.
  ['2026-03-28T11:00:00Z', 'Europe/Berlin', 'P1D', '2026-03-29T12:00:00+02:00'],
  ['2026-03-28T11:00:00Z', 'Europe/Berlin', 'PT24H', '2026-03-29T13:00:00+02:00'],
  // 02:30 does not exist that night.
  ['2026-03-28T01:30:00Z', 'Europe/Berlin', 'P1D', '2026-03-29T03:30:00+02:00'],
  // 02:30 exists twice on 25 October.
  ['2026-10-24T00:30:00Z', 'Europe/Berlin', 'P1D', '2026-10-25T02:30:00+02:00'],
])('%s in %s and %s is %s', async (instant, time_zone, add, iso) =>
  expect(await told(instant, { time_zone, add })).toMatchObject({ iso }),
)

test.each([
  [{ time_zone: 'Mars/Olympus' }, /^time_zone: must be an IANA time zone/],
  [{ add: '2 days' }, /^add: must be an ISO 8601 duration/],
  [{ add: 'P' }, /^add: /],
  [{ add: 'P1DT' }, /^add: /],
  [{ zone: 'UTC' }, /zone/],
  ['UTC', /^the arguments: /],
])('%j is no argument for it', (input, problem) => expect(clock().problemOf(input)).toMatch(problem))

test('what is beyond the calendar is refused', async () => {
  await expect(told('2026-01-01T00:00:00Z', { add: 'P9000Y' })).rejects.toMatchObject({ code: 'out_of_range' })
  await expect(told('2026-01-01T00:00:00Z', { add: 'P999999Y' })).rejects.toMatchObject({ code: 'out_of_range' })
  await expect(told('2026-01-01T00:00:00Z', { add: '-P2026Y' })).rejects.toMatchObject({ code: 'out_of_range' })
})
