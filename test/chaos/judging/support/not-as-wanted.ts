import { describe, expect, test } from 'vitest'
import { type CopyTerms, emptySession, fold, nextCopy, originalOf, type SessionState } from '@spool/events'
import type { Disturbance } from '../blame.ts'
import type { JudgedRun } from '../judged.ts'
import type { LoggedEvent } from '../logged-event.ts'
import { loggedSession } from '../logged-session.ts'
import { unlikeOriginal } from '../unlike-original.ts'
import { unlikeSaid } from '../unlike-said.ts'
import { unloggedEffects } from '../unlogged-effects.ts'
import { wrongRuns } from '../wrong-runs.ts'
import { agreed, mended } from './agreed.ts'
import { during } from './during.ts'
import { CALLS, CUT, type JudgedMaterial, PLAN, REMEMBER, TALK } from './judged-play.ts'

/** The log is whole, everybody agrees, and it is not what was asked for. */
export function notAsWanted(material: () => JudgedMaterial): void {
  const stateOf = (session: string) => loggedSession(session, material().of(session).log).state
  const runOf = (session: string) => material().concerned(session).runs[0]!
  const judged = (session: string, isLeft: (event: LoggedEvent) => boolean) => {
    const log = mended(material().of(session).log.filter(isLeft))
    return material().faults(agreed(session, log), { clients: [] }).join('\n')
  }

  describe('a run', () => {
    test('that is done has its answer', () => {
      const { id } = stateOf(TALK).messages.findLast(({ purpose }) => purpose === 'answer')!
      expect(judged(TALK, ({ text }) => !text.includes(`"message":"${id}"`))).toContain('its last answer is nowhere')
      const state = stateOf(TALK)
      const messages = state.messages.map((message) => ({ ...message, status: 'partial' as const }))
      expect(wrongRuns([runOf(TALK)], { ...state, messages }).join()).toContain('its last answer is partial')
    })

    test('that is done has called what its model called, each once', () => {
      const [call] = stateOf(CALLS).calls
      const isDone = ({ type, text }: LoggedEvent) =>
        /^tool\.(called|started|completed)$/.test(type) && text.includes(call!.id)
      expect(judged(CALLS, (event) => !isDone(event))).toContain('was called 0 times')
      const state = stateOf(CALLS)
      const calls = [...state.calls, call!]
      expect(wrongRuns([runOf(CALLS)], { ...state, calls }).join()).toContain('was called 2 times')
    })

    test('is what was asked for', () => {
      const told = (session: string, plot: Partial<JudgedRun['plot']>) =>
        unlikeSaid({ ...runOf(session), plot: { ...runOf(session).plot, ...plot } }, stateOf(session)).join('\n')
      for (const session of [TALK, CALLS, PLAN, CUT, REMEMBER]) expect(told(session, {})).toBe('')
      expect(told(TALK, { body: { message: 'Goodbye.' } })).toContain('was asked')
      expect(told(TALK, { body: { message: 'Hello. And more' } })).toContain('was asked')
      expect(told(TALK, { agent: 'another' })).toContain('another was asked')
      expect(told(CUT, { body: { model: 'demo/steady' } })).toContain('demo/steady was asked for')
      const [first, ...others] = runOf(PLAN).plot.answers
      expect(told(PLAN, { answers: [{ ...first!, message: 'longer, please' }, ...others] })).toContain('was answered')
      expect(told(PLAN, { answers: [{ ...first!, input: { ms: 7 } }, ...others] })).toContain('was answered {"ms":7}')
    })

    test('is cancelled where who cancelled it was told so', () => {
      expect(runOf(CUT).cancelTold).toBe(200)
      const told = { ...runOf(TALK), cancelTold: 200 }
      expect(
        material()
          .faults(material().of(TALK), { runs: [told] })
          .join(),
      ).toContain('was told that it is')
    })

    test('ends when another one interrupts it', () => {
      const state = stateOf(TALK)
      const [run] = state.runs
      const begun = Date.parse(run!.startedAt!)
      const at = (seconds: number) => new Date(begun + seconds * 1000).toISOString()
      const firstSeq = run!.startedSeq! + 1
      const next = { ...run!, id: 'next', key: 'next', firstSeq, startedSeq: run!.endedSeq! + 1, queuedAt: at(1) }
      const { plot } = runOf(TALK)
      const played = { ...runOf(TALK), run: 'next', key: 'next', told: [] }
      const interrupting = { ...played, plot: { ...plot, body: { ...plot.body, when_busy: 'interrupt' } } }
      const told = (active: object, disturbances: Disturbance[] = []) =>
        wrongRuns([interrupting], { ...state, runs: [{ ...run!, ...active }, next] }, disturbances).join('\n')
      expect(told({ endedAt: at(9) })).toContain('which nobody told')
      expect(told({ endedAt: at(2) })).not.toContain('which nobody told')
      expect(told({ endedAt: at(9), cancelRequested: { reason: 'interrupted' } })).not.toContain('which nobody told')
      expect(told({ endedAt: at(9) }, [during('kill', 'agent-orchestrator-1', at(3), 1)])).not.toContain('nobody told')
      expect(told({ endedAt: at(9) }, [during('kill', 'llm-proxy-1', at(3), 1)])).toContain('nobody told')
    })
  })

  test('what was done outside is in a log', () => {
    const { world } = material().system
    const calls = new Set(stateOf(CALLS).calls.map(({ id }) => id))
    const others = [...world.touchedBy()].filter((call) => !calls.has(call))
    expect(unloggedEffects(world, new Set([...calls, ...others]))).toEqual([])
    expect(unloggedEffects(world, new Set(others)).length).toBe(calls.size)
  })

  test('a fork says what its original said where it was taken', () => {
    const { log } = material().of(CALLS)
    const cursors = [log.at(-1)!, log.find(({ type }) => type === 'text.delta')!]
    for (const { epoch, seq } of cursors) {
      const fork = forkOf(log, { epoch, seq })
      expect(unlikeOriginal(fork, log)).toEqual([])
      expect(fork.messages.length).toBeGreaterThan(0)
      const said = fork.messages.map((message) => ({ ...message, text: `${message.text}!` }))
      expect(unlikeOriginal({ ...fork, messages: said }, log).join()).toContain('its original')
      expect(unlikeOriginal({ ...fork, messages: said.slice(1) }, log).join()).toContain('has the messages')
      expect(unlikeOriginal({ ...fork, messages: fork.messages.toReversed() }, log)).toHaveLength(
        fork.messages.length > 1 ? 1 : 0,
      )
      const origin = { ...fork.forkedFrom!, wholeSeq: null }
      expect(unlikeOriginal({ ...fork, forkedFrom: origin }, log)).toEqual(['the copy is not whole'])
    }
  })
}

function forkOf(log: readonly LoggedEvent[], { epoch, seq }: { epoch: number; seq: number }): SessionState {
  const at = new Date()
  const { state } = loggedSession(
    'original',
    log.filter((event) => event.seq <= seq),
  )
  const original = originalOf(state, { reason: 'forked', by: 'user', at })
  const terms: CopyTerms = { fromSession: 'original', fromCursor: `${epoch}-${seq}`, epoch, at, blobs: new Map() }
  for (let copy = emptySession(); ;) {
    const event = nextCopy(original, copy, terms)
    if (event === null) return copy
    copy = fold(copy, { seq: copy.seq + 1, event })
  }
}
