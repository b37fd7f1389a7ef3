import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Story } from '../../test/story.ts'
import { arbitraryLog } from '../../test/arbitrary-event.ts'
import { validHistory } from '../../test/valid-history.ts'
import {
  allows,
  closingEvents,
  emptySession,
  fold,
  isBeingCopied,
  isOpenCall,
  isOpenMessage,
  isOpenRun,
  pending,
  type Placed,
  type SessionState,
} from '../index.ts'

const cut = { reason: 'forked', by: 'spool', at: new Date('2026-11-20T10:00:00.000Z') }

function folded(log: readonly Placed[]): SessionState {
  return log.reduce(fold, emptySession())
}

function openIn(state: SessionState): object[] {
  return [
    ...state.runs.filter(isOpenRun),
    ...state.messages.filter(isOpenMessage),
    ...state.calls.filter(isOpenCall),
    ...(state.question === null ? [] : [state.question]),
    ...(isBeingCopied(state) ? [state.forkedFrom!] : []),
  ]
}

test('wherever a history is cut off, nothing of it is open behind its closing events, and writers may append them', () => {
  fc.assert(
    fc.property(validHistory, (log) => {
      let state = folded(log)
      for (const event of closingEvents(state, cut)) {
        expect(allows(state, event), event.type).toBeNull()
        state = fold(state, { seq: state.seq + 1, event })
      }
      expect(openIn(state)).toStrictEqual([])
      expect(closingEvents(state, cut)).toStrictEqual([])
      // What a model has written beside the runs is still to be taken up: that is nothing open.
      expect(pending(state).filter(({ key }) => !state.results.some(({ seq }) => String(seq) === key))).toStrictEqual(
        [],
      )
      expect(
        allows(state, { v: 1, type: 'run.started', run: 'next', kind: 'agent', at: cut.at.toISOString() }),
      ).toBeNull()
    }),
    { numRuns: 60 },
  )
})

test('also of what no writer should have appended, no run stays open', () => {
  fc.assert(
    fc.property(arbitraryLog, (log) => {
      const state = folded(log)
      const closed = closingEvents(state, cut).reduce(
        (before, event) => fold(before, { seq: before.seq + 1, event }),
        state,
      )
      expect(closed.runs.filter(isOpenRun)).toStrictEqual([])
      expect(closed.activeRun).toBeNull()
      expect(closed.messages.filter(isOpenMessage)).toStrictEqual([])
    }),
  )
})

test('an answer that is being written stays as far as it had come, as partial and with the reason', () => {
  const story = new Story().ask('r1', 'Hi').request('r1', 'm1').generate('r1', 'm1').stream('r1', 'm1', 'Half an ans')
  for (const event of closingEvents(story.state, cut)) story.tell({ seq: story.state.seq + 1, event })
  expect(story.message('m1')).toMatchObject({ status: 'partial', reason: 'forked', text: 'Half an ans' })
  expect(story.run('r1')).toMatchObject({ status: 'cancelled', cancelled: { by: 'spool', reason: 'forked' } })
})
