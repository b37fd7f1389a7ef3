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
export function shownPaths(runs: Iterable<string>): string[] {
  return ['', MESSAGES, '/confirmations', '/artifacts', ...Array.from(runs, (id) => `/runs/${id}`)]
}

const MESSAGES = '/messages?limit=1000'

/** Over HTTP and in the tables of Postgres is the fold of the log, and nothing else. */
export function unlikeFold(logged: LoggedSession, shown: Shown, stored: SessionState | null): string[] {
  const { state, session } = logged
  const faults: string[] = []
  if (!isDeepStrictEqual(asJson(stored), asJson(state))) {
    faults.push(`the snapshots in Postgres are ${apart(inText(stored), inText(state))}`)
  }
  for (const [path, wanted] of shownOf(logged)) {
    const body = shown.get(path) ?? {}
    for (const [field, value] of Object.entries(wanted)) {
      if (isDeepStrictEqual(body[field], value)) continue
      faults.push(`GET ${path} of ${session} says ${field} ${apart(inText(body[field]), inText(value))}`)
    }
  }
  return faults
}

/** What is to be said by each path, as far as it follows from the log. */
export function shownOf({ session, state, wire, events }: LoggedSession): Shown {
  const ref = { session }
  const { epoch = 1 } = events.at(-1) ?? {}
  const cursor = formatCursor({ epoch, seq: state.seq })
  const times = new Map(wire.map(({ seq, at }) => [seq, String(at)]))
  const messages = state.messages.filter(({ purpose, status }) => {
    return status !== 'requested' && (purpose === null || purpose === 'answer')
  })
  const shown: [path: string, body: object][] = [
    ['', { session: { ...publicSessionState(ref, state), erased: state.erased } }],
    [MESSAGES, { messages: messages.map((one) => publicMessage(ref, one, times.get(one.firstSeq) ?? null)) }],
    ['/confirmations', { confirmations: state.questions.map(publicQuestion) }],
    ['/artifacts', { artifacts: state.artifacts.map(publicArtifact) }],
    ...state.runs.map((run): [string, object] => [`/runs/${run.id}`, { run: publicRun(ref, run) }]),
  ]
  return new Map(shown.map(([path, body]) => [path, asJson({ ...body, cursor }) as Record<string, unknown>]))
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
