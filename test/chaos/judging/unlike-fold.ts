import { isDeepStrictEqual } from 'node:util'
import { formatCursor, type SessionState } from '@spool/events'
import {
  publicArtifact,
  publicMessage,
  publicQuestion,
  publicRun,
  publicSessionState,
} from '../../../services/persistence/src/answering/public-shape.ts'
import { apart } from './difference-of.ts'
import type { LoggedSession } from './logged-session.ts'

/** What `GET` says of a session, by the path behind it. */
export type Shown = ReadonlyMap<string, Readonly<Record<string, unknown>>>

/** All that is to be asked for of a session. */
export function shownPaths({ runs }: SessionState): string[] {
  return ['', MESSAGES, '/confirmations', '/artifacts', ...runs.map(({ id }) => `/runs/${id}`)]
}

const MESSAGES = '/messages?limit=1000'

/** Over HTTP and in the tables of Postgres is the fold of the log, and nothing else. */
export function unlikeFold(logged: LoggedSession, shown: Shown, stored: SessionState | null): string[] {
  const { state, session, events } = logged
  const faults: string[] = []
  if (!isDeepStrictEqual(asJson(stored), asJson(state))) {
    faults.push(`the snapshots in Postgres are ${apart(inText(stored), inText(state))}`)
  }
  const { epoch = 1 } = events.at(-1) ?? {}
  const cursor = formatCursor({ epoch, seq: state.seq })
  for (const [path, field, value] of wantedOf(logged)) {
    const body = shown.get(path) ?? {}
    const found = body[field]
    if (!isDeepStrictEqual(found, asJson(value))) {
      faults.push(`GET ${path} of ${session} says ${apart(inText(found), inText(value))}`)
    }
    if (body['cursor'] !== cursor) faults.push(`GET ${path} stands at ${String(body['cursor'])}, the log at ${cursor}`)
  }
  return faults
}

function wantedOf({ session, state, wire }: LoggedSession): [path: string, field: string, value: unknown][] {
  const ref = { session }
  const times = new Map(wire.map(({ seq, at }) => [seq, String(at)]))
  const messages = state.messages.filter(({ purpose, status }) => {
    return status !== 'requested' && (purpose === null || purpose === 'answer')
  })
  return [
    ['', 'session', { ...publicSessionState(ref, state), erased: state.erased }],
    [MESSAGES, 'messages', messages.map((one) => publicMessage(ref, one, times.get(one.firstSeq) ?? null))],
    ['/confirmations', 'confirmations', state.questions.map(publicQuestion)],
    ['/artifacts', 'artifacts', state.artifacts.map(publicArtifact)],
    ...state.runs.map((run): [string, string, unknown] => [`/runs/${run.id}`, 'run', publicRun(ref, run)]),
  ]
}

/** By whoever shows it: the text of each message. */
export function shownTexts(shown: Shown, stored: SessionState | null): Record<string, ReadonlyMap<string, string>> {
  const overHttp = (shown.get(MESSAGES)?.['messages'] ?? []) as { id: string; text: string }[]
  return {
    'GET /messages': new Map(overHttp.map(({ id, text }) => [id, text])),
    Postgres: new Map((stored?.messages ?? []).map(({ id, text }) => [id, text])),
  }
}

const asJson = (value: unknown) => JSON.parse(JSON.stringify(value ?? null)) as unknown
const inText = (value: unknown) => JSON.stringify(value) ?? 'nothing'
