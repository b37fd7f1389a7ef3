import { isDeepStrictEqual } from 'node:util'
import { type MessageState, parseCursor, type SessionState } from '@spool/events'
import type { LoggedEvent } from './logged-event.ts'
import { loggedSession } from './logged-session.ts'

/** A fork holds what its original held where it was taken: each message, in order, as far as it was written there. */
export function unlikeOriginal(fork: SessionState, original: readonly LoggedEvent[]): string[] {
  const { forkedFrom } = fork
  if (forkedFrom === null) return []
  if (forkedFrom.wholeSeq === null) return ['the copy is not whole']
  const { seq } = parseCursor(forkedFrom.cursor)!
  const before = original.filter((event) => event.seq <= seq)
  const { state } = loggedSession(forkedFrom.session, before)
  const due = state.messages.filter(isCopied)
  const copies = fork.messages.filter(({ firstSeq, purpose }) => purpose === null && firstSeq <= forkedFrom.wholeSeq!)
  const waiting = state.runs.find(({ id }) => id === state.activeRun)?.waiting?.message
  const found = copies.filter(({ id }) => id !== waiting)
  const faults: string[] = []
  if (!isDeepStrictEqual(found.map(idOf), due.map(idOf))) {
    faults.push(`has the messages ${found.map(idOf).join(', ')} of its original, and not ${due.map(idOf).join(', ')}`)
  }
  for (const message of due) {
    const copy = found.find(({ id }) => id === message.id)
    if (copy === undefined) continue
    const [said, is] = [shown(message), shown(copy)]
    if (said !== is) faults.push(`says ${is}, its original ${said}`)
  }
  return faults
}

const idOf = ({ id }: MessageState) => id

/** What people are shown of it; nothing where nobody had begun to answer. */
function isCopied({ purpose, status, text }: MessageState): boolean {
  const isBegun = status === 'complete' || status === 'partial' || text !== ''
  return (purpose === null || purpose === 'answer') && isBegun
}

function shown({ id, role, status, text, toolCalls }: MessageState): string {
  const end = status === 'complete' ? status : 'partial'
  return JSON.stringify({
    id,
    role,
    end,
    text,
    calls: toolCalls.map(({ call, name, input }) => ({ call, name, input })),
  })
}
