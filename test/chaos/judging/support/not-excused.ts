import { describe, expect, test } from 'vitest'
import type { SessionState } from '@spool/events'
import type { Disturbance } from '../blame.ts'
import { loggedSession } from '../logged-session.ts'
import { wrongRuns } from '../wrong-runs.ts'
import { during } from './during.ts'
import { CALLS, type JudgedMaterial, REMEMBER, TALK } from './judged-play.ts'

/** Something failed while the system was left alone, or while something else was done to it. */
export function notExcused(material: () => JudgedMaterial): void {
  const stateOf = (session: string) => loggedSession(session, material().of(session).log).state
  const judged = (session: string, state: SessionState, disturbances: readonly Disturbance[]) =>
    wrongRuns(material().concerned(session).runs, state, disturbances).join('\n')
  const failed = (code: string, seconds: number, disturbances: readonly Disturbance[]) =>
    judged(CALLS, allFailed(stateOf(CALLS), code, seconds), disturbances)
  const after = (seconds: number) => later(stateOf(CALLS).calls[0]!.calledAt, seconds)

  describe('a failure', () => {
    test('of a tool that nobody knows the outcome of, or that was given up, has a reason', () => {
      for (const code of ['tool_unknown_outcome', 'tool_gave_up']) {
        expect(failed(code, 5, [])).toContain('a call failed')
        for (const target of ['agent-orchestrator-1', 'agent-orchestrator-2 nats', 'nats', 'leader', 'node-2'])
          expect(failed(code, 5, [during('kill', `gateway-1 + ${target}`, after(3), 1)])).toBe('')
        for (const target of ['llm-proxy-1', 'agent-orchestrator-1 postgres'])
          expect(failed(code, 5, [during('kill', target, after(3), 1)])).toContain('a call failed')
        expect(failed(code, 5, [during('kill', 'agent-orchestrator-1', after(9), 1)])).toContain('a call failed')
      }
    })

    test('of a tool that took too long has a freeze that did', () => {
      const told = (instance: string, seconds: number) =>
        failed('timed_out', 31, [during('freeze', instance, after(30 - seconds), seconds)])
      expect(failed('timed_out', 31, [])).toContain('a call failed')
      expect(told('agent-orchestrator-1', 35)).toBe('')
      expect(told('agent-orchestrator-1', 20)).toContain('a call failed')
      expect(told('agent-orchestrator-2', 35)).toContain('a call failed')
    })

    test('of a tool that was cancelled has a run that was', () => {
      expect(failed('cancelled', 1, [])).toContain('a call failed')
    })

    test('of a memory has a reason', () => {
      const state = stateOf(REMEMBER)
      const runs = state.runs.map((run) => ({ ...run, memoryState: { ...run.memoryState, status: 'failed' as const } }))
      const { endedAt } = state.runs[0]!
      expect(judged(REMEMBER, { ...state, runs }, [])).toContain('nothing is remembered')
      const killed = (seconds: number) => [during('kill', 'llm-proxy-1', later(endedAt!, seconds), 1)]
      expect(judged(REMEMBER, { ...state, runs }, killed(0))).toBe('')
      expect(judged(REMEMBER, { ...state, runs }, killed(-30))).toBe('')
      for (const seconds of [-60, 20])
        expect(judged(REMEMBER, { ...state, runs }, killed(seconds))).toContain('nothing is remembered')
    })

    test('of the provider outside has a reason', () => {
      const state = stateOf(TALK)
      const error = { code: 'provider_broken', message: '', retryable: true }
      const messages = state.messages.map((message) => ({ ...message, provider: 'outside', reason: 'provider_failed' }))
      const runs = state.runs.map((run) => ({ ...run, status: 'failed' as const, error }))
      const told = (...disturbances: Disturbance[]) => judged(TALK, { ...state, runs, messages }, disturbances)
      const { startedAt } = state.runs[0]!
      expect(told()).toContain('ended as failed provider_broken')
      expect(told(during('kill', 'llm-proxy-1', startedAt!, 1))).toContain('ended as failed')
      expect(told(during('provider cut', 'provider', startedAt!, 1))).toBe('')
    })
  })
}

function allFailed(state: SessionState, code: string, seconds: number): SessionState {
  const error = { code, message: '', retryable: false }
  const calls = state.calls.map((call) => {
    return { ...call, status: 'failed' as const, error, endedAt: later(call.calledAt, seconds) }
  })
  return { ...state, calls }
}

const later = (at: string, seconds: number) => new Date(Date.parse(at) + seconds * 1000).toISOString()
