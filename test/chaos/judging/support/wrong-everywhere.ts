import { describe, expect, test } from 'vitest'
import { PROVIDER_MODEL, providerSays } from '../../provider-script.ts'
import type { LoggedEvent } from '../logged-event.ts'
import { loggedSession } from '../logged-session.ts'
import { wrongRuns } from '../wrong-runs.ts'
import { wrongUsage } from '../wrong-usage.ts'
import { agreed, changed, mended } from './agreed.ts'
import { CALLS, CUT, type JudgedMaterial, PLAN, REMEMBER, TALK } from './judged-play.ts'

type Log = readonly LoggedEvent[]
type Change = (body: Record<string, unknown>) => object

/** Everybody agrees on the log, its chain is whole, and yet it is wrong. */
export function wrongEverywhere(material: () => JudgedMaterial): void {
  const judged = (session: string, change: (log: Log) => Log) => {
    const log = mended(change(material().of(session).log))
    return material().faults(agreed(session, log), { clients: [] }).join('\n')
  }

  describe('a log that is the same everywhere', () => {
    test('says what its models say', () => {
      const wrongText = onLast('text.delta', ({ text }) => ({ text: `${String(text)}!` }))
      expect(judged(TALK, wrongText)).toContain('and should be')
      expect(judged(TALK, withoutLast('text.delta'))).toContain('and should be')
      expect(judged(CUT, wrongText)).toContain('and should be')
      const runs = material()
        .concerned(TALK)
        .runs.map((run) => ({ ...run, script: 'Something else.' }))
      expect(material().faults(material().of(TALK), { runs }).join()).toContain('answers')
    })

    test('says what the provider outside says', () => {
      const { text: message } = material()
        .of(TALK)
        .stored!.messages.find(({ role }) => role === 'user')!
      expect(judged(TALK, (log) => log.map(fromOutside(providerSays(message))))).toBe('')
      expect(judged(TALK, (log) => log.map(fromOutside(`${providerSays(message)} `)))).toContain('and should be')
    })

    test('says what the program says that wrote it, and nobody else knows', () => {
      const log = material()
        .of(TALK)
        .log.map((event) => (isAttempt(event) ? changed(event, () => ({ provider: 'external' })) : event))
      const [run] = material().concerned(TALK).runs
      const { text } = material()
        .of(TALK)
        .stored!.messages.findLast(({ role }) => role === 'assistant')!
      const told = (script: object) =>
        material()
          .faults(agreed(TALK, log), { runs: [{ ...run!, ...script }], clients: [] })
          .join('\n')
      expect(told({ script: text })).toBe('')
      expect(told({ script: `${text}!` })).toContain('and should be')
      expect(told({})).toContain('nobody knows')
    })

    test('says why an answer is only a part', () => {
      const partial = onLast('message.completed', () => ({ status: 'partial', reason: 'cancelled' }))
      expect(judged(TALK, partial)).toContain('nobody has cancelled')
      const failed = onLast('message.completed', () => ({ status: 'partial', reason: 'provider_failed' }))
      expect(judged(TALK, failed)).toContain('no attempt failed')
      expect(
        judged(
          CUT,
          onLast('message.completed', () => ({ reason: 'tired' })),
        ),
      ).toContain('no reason')
      expect(
        judged(
          CUT,
          onLast('message.completed', () => ({ status: 'complete' })),
        ),
      ).toContain('and should be')
    })

    test('says why the extraction of a memory is only a part', () => {
      const partial = onLast('message.completed', () => ({ status: 'partial', reason: 'cancelled' }))
      expect(judged(REMEMBER, partial)).toContain('nobody has cancelled')
      const failed = onLast('memory.updated', () => ({ type: 'memory.failed', error: { code: 'late', message: '' } }))
      expect(judged(REMEMBER, (log) => asNamed(failed(partial(log))))).not.toContain('nobody has cancelled')
    })

    test('calls what its models call', () => {
      expect(judged(CALLS, onFirst('"tool_calls":[', otherCalls))).toContain('its script')
      expect(
        judged(
          CALLS,
          onLast('tool.called', () => ({ name: 'measure' })),
        ),
      ).toContain('nobody wanted')
      expect(
        judged(
          CALLS,
          onLast('tool.called', () => ({ input: { ms: 9 } })),
        ),
      ).toContain('nobody wanted')
    })

    test('counts what was used once', () => {
      expect(judged(TALK, onLast('run.completed', doubleUsage))).toContain('run.completed of')
      expect(judged(TALK, onLast('message.completed', doubleUsage))).toContain('its messages')
      const twice = again('message.completed', () => ({}))
      expect(judged(TALK, twice)).toContain('is told twice')
      const logged = loggedSession(TALK, material().of(TALK).log)
      const [run] = logged.state.runs
      const usage = { ...run!.usage, input_tokens: 0 }
      expect(wrongUsage(logged, {})).toEqual([])
      expect(wrongUsage({ ...logged, state: { ...logged.state, usage } }, {})).toHaveLength(1)
      expect(wrongUsage(logged, { Somebody: new Map([[run!.id, usage]]) })).toHaveLength(1)
      expect(wrongUsage(logged, { Somebody: new Map() })).toHaveLength(1)
    })

    test('counts what the provider has reported', () => {
      const { log, stored } = material().of(TALK)
      const { text: message } = stored!.messages.find(({ role }) => role === 'user')!
      const named = onLast('message.completed', () => ({ response: { id: 'theirs' } }))(
        log.map(fromOutside(providerSays(message))),
      )
      const { text } = named.findLast(({ type }) => type === 'message.completed')!
      const { usage } = JSON.parse(text) as { usage: { input_tokens: number; output_tokens: number } }
      const judgedBy = (id: string, tokens: number) =>
        material()
          .faults(agreed(TALK, named), { clients: [], reported: new Map([[id, { ...usage, input_tokens: tokens }]]) })
          .join('\n')
      expect(judgedBy('theirs', usage.input_tokens)).toBe('')
      expect(judgedBy('theirs', usage.input_tokens + 1)).toContain('by its provider')
      expect(judgedBy('another', usage.input_tokens)).toContain('by its provider')
      const twice = loggedSession(TALK, named)
      const again = twice.wire.findLast(({ type }) => type === 'message.completed')!
      const wire = [...twice.wire, { ...again, type: 'generation.failed', attempt: 2 }]
      const reported = new Map([['theirs', usage]])
      expect(wrongUsage({ ...twice, wire }, {}, reported).join()).toContain('are both billed for theirs')
      expect(
        judged(
          TALK,
          onLast('message.completed', () => ({ usage: undefined })),
        ),
      ).toContain('nobody says what')
    })

    test('ends its runs as it was wanted', () => {
      expect(
        judged(
          TALK,
          onLast('run.completed', () => ({ status: 'limit', limit: 'steps' })),
        ),
      ).toContain('ended as limit')
      const [run] = material().concerned(CUT).runs
      const unwanted = [{ ...run!, plot: { ...run!.plot, cancelAfterMs: null } }]
      expect(material().faults(material().of(CUT), { runs: unwanted }).join()).toContain('nobody wanted that')
      expect(
        judged(
          PLAN,
          onLast('tool.called', () => ({ input: { ms: 9 } })),
        ),
      ).toContain('agreed on')
    })

    test('has each run and each call but once, and calls that can be done are done', () => {
      const { state } = loggedSession(CALLS, material().of(CALLS).log)
      const { runs } = material().concerned(CALLS)
      const [run] = state.runs
      const calls = (other: object) => state.calls.map((call) => ({ ...call, ...other }))
      expect(wrongRuns(runs, state)).toEqual([])
      const twice = [...state.runs, { ...run!, id: 'another' }]
      expect(wrongRuns(runs, { ...state, runs: twice }).join()).toContain('began 2 runs')
      const failed = calls({ status: 'failed', error: { code: 'tool_failed', message: '' } })
      expect(wrongRuns(runs, { ...state, calls: failed }).join()).toContain('a call failed')
      const again = calls({ attempt: 2, repeatable: false })
      expect(wrongRuns(runs, { ...state, calls: again }).join()).toContain('was begun 2 times')
    })

    test('is named as it is, and has an id for each event', () => {
      expect(judged(TALK, onThird({ type: 'run.status' }))).toContain('is named run.status')
      expect(judged(TALK, (log) => onThird({ id: log[1]!.id })(log))).toContain('an id stands for several')
    })

    test('has an end of everything', () => {
      expect(judged(TALK, withoutLast('run.completed'))).toContain('is not settled')
      expect(judged(TALK, withoutLast('message.completed'))).toContain('is open')
      expect(judged(CALLS, withoutLast('tool.completed'))).toContain('is open')
      expect(judged(PLAN, withoutLast('confirmation.resolved'))).toContain('is open')
    })

    test('answers no question twice', () => {
      const twice = again('confirmation.resolved', () => ({ action: 'cancel' }))
      expect(judged(PLAN, twice)).toContain('was resolved 2 times')
      const otherwise = onLast('confirmation.resolved', () => ({ action: 'cancel' }))
      expect(judged(PLAN, otherwise)).toContain('was told that confirm was accepted')
    })

    test('begins no tool twice that must not be repeated', () => {
      const letter = material()
        .of(CALLS)
        .stored!.calls.find(({ name }) => name === 'send_letter')!
      const twice = onFirst(`"type":"tool.started","run":"${letter.run}","call":"${letter.id}"`, () => ({ attempt: 2 }))
      expect(judged(CALLS, twice)).toContain('must not be repeated')
    })
  })
}

const onLast = (type: string, change: Change) => (log: Log) => {
  const at = lastOf(type, log)
  return log.with(at, changed(log[at]!, change))
}

const onFirst = (text: string, change: Change) => (log: Log) => {
  const at = log.findIndex((event) => event.text.includes(text))
  if (at < 0) throw new Error(`There is no ${text} to be harmed.`)
  return log.with(at, changed(log[at]!, change))
}

/** What its body says, its header says, too. */
const asNamed = (log: Log): Log =>
  log.map((event) => ({ ...event, type: (JSON.parse(event.text) as { type: string }).type }))

const onThird = (other: Partial<LoggedEvent>) => (log: Log) => log.with(2, { ...log[2]!, ...other })

function isAttempt({ type }: LoggedEvent): boolean {
  return type === 'message.started' || type === 'generation.started'
}

/** All of it in the first piece. */
function fromOutside(says: string): (event: LoggedEvent) => LoggedEvent {
  return (event) => {
    if (isAttempt(event)) return changed(event, () => ({ provider: 'openai-compatible', model: PROVIDER_MODEL }))
    if (event.type !== 'text.delta') return event
    return changed(event, ({ sequence }) => ({ text: sequence === 1 ? says : '' }))
  }
}

const otherCalls: Change = ({ tool_calls }) => ({
  tool_calls: (tool_calls as object[]).map((call) => ({ ...call, name: 'measure' })),
})

const doubleUsage: Change = ({ usage }) => {
  const { output_tokens, ...rest } = usage as { output_tokens: number }
  return { usage: { ...rest, output_tokens: output_tokens * 2 } }
}

const withoutLast = (type: string) => (log: Log) => log.toSpliced(lastOf(type, log), 1)

/** Once more at the end, as an event of its own. */
const again = (type: string, change: Change) => (log: Log) => {
  const event = changed(log[lastOf(type, log)]!, change)
  return [...log, { ...event, id: `${event.id}-2`, seq: log.at(-1)!.seq + 1 }]
}

function lastOf(type: string, log: Log): number {
  const at = log.findLastIndex((event) => event.type === type)
  if (at < 0) throw new Error(`There is no ${type} to be harmed.`)
  return at
}
