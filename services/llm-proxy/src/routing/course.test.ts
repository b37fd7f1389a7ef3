import type { RouteSettings } from '@spool/config'
import { type MessageState, draft, emptySession, fold, messageOf } from '@spool/events'
import { expect, test } from 'vitest'
import { ProviderError, type ProviderErrorCode } from '../providers/provider-error.ts'
import { refusingProvider } from '../providers/refusing-provider.ts'
import { Course } from './course.ts'
import { Route } from './route.ts'

const error = (code: ProviderErrorCode, retryAfterMs?: number) =>
  new ProviderError(code, code, retryAfterMs === undefined ? {} : { retryAfterMs })
const unavailable = error('provider_unavailable')

function route(model: string, settings: Partial<RouteSettings> = {}): Route {
  const about = { provider: 'demo', model, repeats: false, firstTokenTimeoutMs: 1, stallTimeoutMs: 1 } as const
  return new Route(
    { ...about, continues: 'prefill', attempts: 3, ...settings },
    refusingProvider('none', model, unavailable),
  )
}

type Attempt = {
  model: string
  kept?: number
  text?: string
  failed?: ProviderErrorCode
  at?: string
  wait_ms?: number
}

/** A message that others have been at. */
function message(...attempts: Attempt[]): MessageState {
  let state = emptySession()
  const say = (event: Parameters<typeof fold>[1]['event']) => (state = fold(state, { seq: state.seq + 1, event }))
  const about = { run: 'r', message: 'm' }
  say(draft('run.started', { run: 'r', kind: 'agent', agent: 'demo', input: 'i' }))
  say(draft('message.requested', { ...about, purpose: 'answer', model: 'default' }))
  for (const [index, { model, kept = 0, text, failed, at, wait_ms }] of attempts.entries()) {
    const by = { ...about, provider: 'none', model }
    if (index === 0) say(draft('message.started', { ...by, role: 'assistant', purpose: 'answer' }))
    say(draft('generation.started', { ...by, attempt: index + 1, worker: 'w', reason: 'retry', kept }))
    const sequence = messageOf(state, 'm')!.sequences.text + 1
    if (text !== undefined) say(draft('text.delta', { ...about, sequence, text }))
    if (failed !== undefined) {
      const failure = { ...about, attempt: index + 1, error: { code: failed, message: '' } }
      say(
        draft(
          'generation.failed',
          wait_ms === undefined ? failure : { ...failure, wait_ms },
          at === undefined ? undefined : new Date(at),
        ),
      )
    }
  }
  return messageOf(state, 'm')!
}

interface Step {
  fails: ProviderError
  hasText?: boolean
  progressed?: boolean
}

/** The models that are called, one after the other, where each call fails as told. */
function way(course: Course, steps: readonly Step[], hasText = false): string[] {
  const called: string[] = []
  let text = hasText
  for (const step of [...steps, null]) {
    const leg = course.next(text)
    if (leg === null) return [...called, 'over']
    called.push(leg.continues ? `${leg.route.provider.model} goes on` : leg.route.provider.model)
    if (step === null) return called
    const progressed = step.progressed ?? false
    text ||= progressed
    course.failed({ error: step.fails, continued: leg.continues, progressed })
  }
  return called
}

const failed = (model: string, code: ProviderErrorCode = 'provider_unavailable') => ({ model, failed: code })

const times = (count: number, step: Step): Step[] => Array.from({ length: count }, () => step)

test('a route is tried as often as it may, then the next one, and at the end there is none', () => {
  const course = new Course([route('a'), route('b', { attempts: 2 })], message())
  expect(way(course, times(9, { fails: unavailable }))).toEqual(['a', 'a', 'a', 'b', 'b', 'over'])
})

test('what another try would meet again goes to the next route at once', () => {
  for (const code of [
    'provider_refused',
    'provider_unknown_model',
    'provider_context_too_long',
    'provider_unsupported',
    'provider_quota_exhausted',
  ] as const) {
    const course = new Course([route('a'), route('b')], message())
    expect(way(course, [{ fails: error(code) }, { fails: error(code) }])).toEqual(['a', 'b', 'over'])
  }
})

test('what every route would refuse ends the message', () => {
  for (const code of ['provider_bad_request', 'provider_content_filtered'] as const) {
    const course = new Course([route('a'), route('b')], message())
    expect(way(course, [{ fails: error(code) }])).toEqual(['a', 'over'])
  }
})

test('a text that is there is gone on with by the same route, and then by the next', () => {
  const course = new Course([route('a', { attempts: 2 }), route('b')], message())
  const steps = [{ fails: unavailable, progressed: true }, ...times(4, { fails: unavailable })]
  expect(way(course, steps)).toEqual(['a', 'a goes on', 'b goes on', 'b goes on', 'b goes on', 'over'])
})

test('an answer that grows each time may be cut any number of times', () => {
  const course = new Course([route('a', { attempts: 2 })], message())
  const cut = { fails: error('provider_broken'), progressed: true }
  expect(way(course, times(50, cut)).slice(1)).toEqual(Array.from({ length: 50 }, () => 'a goes on'))
  expect(way(course, times(2, { fails: unavailable }), true)).toEqual(['a goes on', 'over'])
})

test('a route that takes a beginning is preferred to one that would lose the text, which is left for the end', () => {
  const course = new Course([route('a', { continues: 'restart' }), route('b', { attempts: 1 })], message())
  const steps = [{ fails: unavailable, progressed: true }, ...times(3, { fails: unavailable })]
  expect(way(course, steps)).toEqual(['a', 'b goes on', 'a', 'a', 'over'])
})

test('a route whose answers end where they break ends the message, unless another can go on', () => {
  const broken = { fails: error('provider_broken'), progressed: true }
  const end = () => route('a', { continues: 'end' })
  expect(way(new Course([end()], message()), [broken])).toEqual(['a', 'over'])
  expect(way(new Course([end(), route('b', { continues: 'restart' })], message()), [broken])).toEqual(['a', 'over'])
  expect(way(new Course([end(), route('b')], message()), [broken])).toEqual(['a', 'b goes on'])
  expect(way(new Course([end()], message()), [{ fails: unavailable }])).toEqual(['a', 'a'])
})

test('a route that refuses a beginning restarts from then on, for every message, and has not failed', () => {
  const a = route('a', { attempts: 1 })
  const refused = { fails: error('provider_bad_request') }
  expect(way(new Course([a], message({ model: 'a', text: 'x' })), [refused], true)).toEqual(['a goes on', 'a'])
  expect(way(new Course([a], message({ model: 'a', text: 'x' })), [], true)).toEqual(['a'])
})

test('the same route is called again after a pause, for as long as it asks, and another at once', () => {
  const course = new Course([route('a'), route('b')], message(), { pauseMs: (failures) => failures * 10 })
  const waits: (number | undefined)[] = [course.next(false)?.waitMs]
  for (const retryAfterMs of [undefined, 500, undefined]) {
    course.failed({ error: error('provider_rate_limited', retryAfterMs), continued: false, progressed: false })
    waits.push(course.next(false)?.waitMs)
  }
  expect(waits).toEqual([0, 10, 500, 0])
})

test('pauses grow, and vary', () => {
  const pauses = Array.from({ length: 200 }, () => {
    const course = new Course([route('a', { attempts: 9 })], message())
    return [1, 2, 3].map(() => {
      course.failed({ error: unavailable, continued: false, progressed: false })
      return course.next(false)!.waitMs
    })
  })
  for (const [index, [least, most]] of [
    [125, 250],
    [250, 500],
    [500, 1000],
  ].entries()) {
    const ofThis = pauses.map((three) => three[index]!)
    expect(Math.min(...ofThis)).toBeGreaterThanOrEqual(least!)
    expect(Math.max(...ofThis)).toBeLessThanOrEqual(most!)
    expect(new Set(ofThis).size).toBeGreaterThan(100)
  }
})

test('after a minute of trouble no route is tried twice; the silence before it was clear counts', () => {
  expect(callsWhere('provider_timed_out')).toBe('aabc')
  expect(callsWhere('provider_unavailable')).toBe('aaabc')
})

test('a route that wants to be left alone for longer than a minute is left', () => {
  const course = new Course([route('a'), route('b')], message())
  expect(way(course, [{ fails: error('provider_rate_limited', 61_000) }])).toEqual(['a', 'b'])
})

test('a route that is left out is passed over, and called where there is no other', async () => {
  const [a, b] = [route('a'), route('b', { attempts: 1 })]
  for (let failure = 0; failure < 5; failure++) a.health.begin().failed(unavailable)
  await expect.poll(() => a.health.isAvailable).toBe(false)
  expect(way(new Course([a, b], message()), times(9, { fails: unavailable }))).toEqual(['b', 'a', 'a', 'a', 'over'])
})

test('a text is not lost because the route that can go on is left out', async () => {
  for (const continues of ['restart', 'end'] as const) {
    const a = route('a')
    for (let failure = 0; failure < 5; failure++) a.health.begin().failed(unavailable)
    await expect.poll(() => a.health.isAvailable).toBe(false)
    const routes = [a, route('b', { continues })]
    expect(way(new Course(routes, message({ model: 'a', text: 'x' })), [], true)).toEqual(['a goes on'])
    expect(way(new Course(routes, message({ model: 'b', text: 'x' })), [], true)).toEqual(['a goes on'])
  }
})

test('who takes a message over goes on with the route that was at it', () => {
  const routes = [route('a'), route('b')]
  expect(way(new Course(routes, message({ model: 'b', text: 'x' })), [], true)).toEqual(['b goes on'])
  expect(way(new Course(routes, message({ model: 'gone', text: 'x' })), [], true)).toEqual(['a goes on'])
})

test('who takes a message over counts what has failed before it', () => {
  const routes = [route('a'), route('b')]
  expect(way(new Course(routes, message(failed('a'), failed('a'))), times(1, { fails: unavailable }))).toEqual([
    'a',
    'b',
  ])
  expect(way(new Course(routes, message(failed('a', 'provider_refused'))), [])).toEqual(['b'])
  expect(way(new Course(routes, message(failed('a', 'provider_bad_request'))), [])).toEqual(['over'])
  const grown = [failed('a'), { ...failed('a'), text: 'x'.repeat(200) }, { ...failed('a'), kept: 200 }]
  expect(way(new Course(routes, message(...grown)), times(2, { fails: unavailable }), true)).toEqual([
    'a goes on',
    'a goes on',
    'b goes on',
  ])
})

test('who takes a message over in the middle of a trouble knows since when it lasts, and how long to wait', () => {
  const [a, b] = [route('a'), route('b')]
  const limited = { ...failed('a', 'provider_rate_limited'), at: '2026-11-20T09:50:00.000Z' }
  const waitMs = (wait_ms: number, now: string) => {
    const course = new Course([a, b], message({ ...limited, wait_ms }), { now: () => Date.parse(now) })
    const leg = course.next(false)!
    return [leg.route.provider.model, leg.waitMs]
  }
  expect(waitMs(20_000, '2026-11-20T09:50:05.000Z')).toEqual(['a', 15_000])
  expect(waitMs(20_000, '2026-11-20T09:51:00.000Z')).toEqual(['a', 0])
  expect(waitMs(61_000, '2026-11-20T09:50:05.000Z')).toEqual(['b', 0])
  const late = new Course([a, b], message(limited), { now: () => Date.parse('2026-11-20T09:51:01.000Z') })
  expect(way(late, times(2, { fails: unavailable }))).toEqual(['a', 'b', 'over'])
})

test('a continuation that was refused before a takeover does not end the message', () => {
  const before = message({ model: 'a', text: 'x' }, { model: 'a', kept: 1, failed: 'provider_bad_request' })
  expect(way(new Course([route('a')], before), [], true)).toEqual(['a goes on'])
})

test('a continuation that was filtered before a takeover ends the message', () => {
  const before = message({ model: 'a', text: 'x' }, { model: 'a', kept: 1, failed: 'provider_content_filtered' })
  expect(way(new Course([route('a')], before), [], true)).toEqual(['over'])
})

/** The models that are called where every call fails so, after 31 s. */
function callsWhere(code: ProviderErrorCode): string {
  let nowMs = 0
  const ways = ['a', 'b', 'c'].map((model) => route(model, { firstTokenTimeoutMs: 31_000 }))
  const course = new Course(ways, message(), { now: () => nowMs })
  let called = ''
  for (let leg = course.next(false); leg !== null; leg = course.next(false)) {
    called += leg.route.provider.model
    nowMs += 31_000
    course.failed({ error: error(code), continued: false, progressed: false })
  }
  return called
}
