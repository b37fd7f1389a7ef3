import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arbitraryLog, arbitraryUnknown } from '../../test/arbitrary-event.ts'
import { validHistory } from '../../test/valid-history.ts'
import {
  allows,
  emptySession,
  fold,
  foldMessage,
  openPart,
  pending,
  prompt,
  type MessageState,
  type Placed,
  type SessionState,
} from '../index.ts'

function foldAll(log: readonly Placed[], from = emptySession()): SessionState {
  return log.reduce(fold, from)
}

describe('over events in any order', () => {
  test('folding a prefix and then the rest equals folding all', () => {
    fc.assert(
      fc.property(arbitraryLog, fc.nat(), (log, cut) => {
        const at = cut % (log.length + 1)
        const stored = JSON.parse(JSON.stringify(foldAll(log.slice(0, at)))) as SessionState
        expect(foldAll(log.slice(at), stored)).toStrictEqual(foldAll(log))
      }),
    )
  })

  test('nothing throws, and every state is JSON as it stands', () => {
    fc.assert(
      fc.property(arbitraryLog, (log) => {
        let state = emptySession()
        for (const placed of log) {
          allows(state, placed.event)
          state = fold(state, placed)
          pending(state)
        }
        for (const message of state.messages) prompt(state, message.id)
        expect(JSON.parse(JSON.stringify(state))).toStrictEqual(state)
      }),
    )
  })

  test('an event of an unknown type, or a custom one, changes nothing but the position', () => {
    fc.assert(
      fc.property(arbitraryLog, arbitraryUnknown, (log, event) => {
        const state = foldAll(log)
        const seq = state.seq + 5
        const firstSeq = state.firstSeq || seq
        expect(fold(state, { seq, event })).toStrictEqual({ ...state, seq, firstSeq })
      }),
    )
  })

  test('what was folded before changes nothing when it comes again', () => {
    fc.assert(
      fc.property(arbitraryLog, fc.nat(), (log, index) => {
        const state = foldAll(log)
        const again = log[index % Math.max(1, log.length)]
        if (again !== undefined) expect(fold(state, again)).toBe(state)
      }),
    )
  })

  test('finished runs, messages, calls and questions never change again, also where a writer broke the rules', () => {
    fc.assert(fc.property(fc.oneof(arbitraryLog, validHistory), keepsWhatIsFinished), { numRuns: 300 })
  })

  test('the text of a message is what its parts say one after the other', () => {
    fc.assert(
      fc.property(fc.oneof(arbitraryLog, validHistory), (log) => {
        for (const { parts, text } of foldAll(log).messages) {
          expect(parts.map((part) => (part.type === 'text' ? part.text : '')).join('')).toBe(text)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('a state is never changed in place', () => {
    fc.assert(
      fc.property(arbitraryLog, (log) => {
        let state = emptySession()
        for (const placed of log) state = deepFreeze(fold(state, placed))
      }),
    )
  })
})

describe('over what writers may append', () => {
  test('a state without what is finished folds on like the whole', () => {
    fc.assert(
      fc.property(validHistory, fc.nat(), (log, cut) => {
        const at = cut % (log.length + 1)
        const whole = foldAll(log)
        const partial = foldAll(log.slice(at), openPart(foldAll(log.slice(0, at))))
        expect(openPart(partial)).toStrictEqual(openPart(whole))
        expect(partial.runs).toStrictEqual(withIdsOf(whole.runs, partial.runs))
        expect(partial.messages).toStrictEqual(withIdsOf(whole.messages, partial.messages))
        expect(partial.calls).toStrictEqual(withIdsOf(whole.calls, partial.calls))
        expect(partial.questions).toStrictEqual(withIdsOf(whole.questions, partial.questions))
      }),
      { numRuns: 150 },
    )
  })

  test('a message folded on its own is the one of the session', () => {
    fc.assert(
      fc.property(validHistory, (log) => {
        for (const message of foldAll(log).messages) {
          const own = log.filter(({ event }) => 'message' in event && event.message === message.id)
          const folded = own
            .filter(({ event }) => event.type !== 'run.queued')
            .reduce<MessageState | null>((before, placed) => foldMessage(before, placed), null)
          expect(folded).toStrictEqual(message)
        }
      }),
    )
  })

  test('each attempt is counted once: a session used what its messages used', () => {
    fc.assert(
      fc.property(validHistory, (log) => {
        const state = foldAll(log)
        const sum = state.messages.reduce((tokens, message) => tokens + message.usage.input_tokens, 0)
        expect(state.usage.input_tokens).toBe(sum)
      }),
    )
  })
})

function keepsWhatIsFinished(log: readonly Placed[]): void {
  let state = emptySession()
  for (const placed of log) {
    const next = fold(state, placed)
    const open = openPart(state)
    for (const list of ['runs', 'messages', 'calls', 'questions'] as const) {
      const finished = state[list].filter((item) => !(open[list] as readonly unknown[]).includes(item))
      // The very same objects, not equal ones.
      expect(finished.every((item) => (next[list] as readonly unknown[]).includes(item))).toBe(true)
    }
    state = next
  }
}

function withIdsOf<Item extends { readonly id: string }>(items: readonly Item[], of: readonly Item[]): Item[] {
  const ids = new Set(of.map((item) => item.id))
  return items.filter((item) => ids.has(item.id))
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(deepFreeze)
  }
  return value
}
