import type { ReportedUsage } from '@spool/events'
import { wrongEffects } from '../../e2e/support/judge.ts'
import type { OutsideWorld } from '../../e2e/support/outside-world.ts'
import type { ClientLog } from '../client-log.ts'
import type { Disturbance } from './blame.ts'
import { clientFaults } from './client-saw.ts'
import { dialectFrames } from './dialect-frames.ts'
import { dialectFaults, dialectOf } from './dialect-saw.ts'
import { apart, short } from './difference-of.ts'
import type { Gathered } from './gather.ts'
import type { JudgedRun } from './judged.ts'
import { type LoggedSession, loggedSession } from './logged-session.ts'
import { unlikePages, unlikeRows } from './stored-places.ts'
import { shownTexts, unlikeFold } from './unlike-fold.ts'
import { unlikeOriginal } from './unlike-original.ts'
import { wrongQuestions } from './wrong-questions.ts'
import { wrongRuns } from './wrong-runs.ts'
import { textsOf, wrongTexts } from './wrong-texts.ts'
import { wrongUsage } from './wrong-usage.ts'

/** Whom a session concerns. */
export interface Concerned {
  readonly runs: readonly JudgedRun[]
  readonly clients: readonly ClientLog[]
  readonly world: Pick<OutsideWorld, 'effectsOf'>
  readonly reported?: ReadonlyMap<string, ReportedUsage> | undefined
  readonly disturbances?: readonly Disturbance[]
}

/** All that can be wrong with a session in which nothing goes on any more. */
export function sessionVerdict(
  gathered: Gathered,
  { runs, clients, world, reported, disturbances }: Concerned,
): { readonly faults: readonly string[]; readonly logged: LoggedSession } {
  const { session, log, rows, pages, shown, stored, blobs, original } = gathered
  const logged = loggedSession(session, log)
  const { state } = logged
  const scripts = new Map(runs.flatMap(({ run, script }) => (script === undefined ? [] : [[run, script]])))
  const said = {
    'GET /runs': new Map(state.runs.map(({ id }) => [id, usageIn(shown.get(`/runs/${id}`))])),
    Postgres: new Map((stored?.runs ?? []).map(({ id, usage }) => [id, usage])),
  }
  const answered = runs.flatMap((run) => run.answered ?? [])
  const texts = shownTexts(shown, stored)
  const faults = [
    ...logged.faults,
    ...unlikeRows(log, rows),
    ...unlikePages(log, pages, session),
    ...unlikeFold(logged, shown, stored),
    ...wrongRuns(runs, state, disturbances),
    ...wrongEffects(state, world),
    ...wrongTexts(logged, scripts),
    ...wrongUsage(logged, said, reported),
    ...wrongQuestions(logged, answered),
    ...unlikeOriginal(state, original),
  ]
  for (const client of clients) {
    const wrong = wrongClient(client, logged, blobs, texts)
    faults.push(...wrong.map((fault) => `${client.kind} client of ${client.run ?? 'all of it'}: ${fault}`))
  }
  return { faults: faults.map((fault) => `${session}: ${fault}`), logged }
}

function wrongClient(
  client: ClientLog,
  logged: LoggedSession,
  blobs: ReadonlyMap<string, string>,
  texts: Record<string, ReadonlyMap<string, string>>,
): string[] {
  const { events, frames, at, isOver } = client
  const faults = [...client.faults]
  if (!isOver) {
    const seen = events.at(-1)?.seq ?? 0
    const missed = logged.wire.filter(({ seq }) => seq > seen).map(({ seq, type }) => `${seq} ${type}`)
    faults.push(`did not see the end of what it follows: behind ${seen} there is ${short(missed.join(', '))}`)
  }
  if (at.length !== Math.max(events.length, frames.length)) faults.push(`knows ${at.length} times`)
  if (!client.kind.startsWith('dialect ')) {
    return [...faults, ...clientFaults(client, logged), ...wrongReading(client, logged, texts)]
  }
  const dialect = dialectOf(client)
  if (dialect === undefined || client.run === null) return [...faults, 'speaks no dialect, or follows no run']
  const wanted = dialectFrames(dialect, logged, client.run, client.query, blobs)
  if (wanted === null) return [...faults, 'follows a run that is not in the log, or has no end']
  return [...faults, ...dialectFaults(client, wanted)]
}

/** What a reader puts together of an answer is what is shown of it afterwards. */
function wrongReading(
  { events }: ClientLog,
  { state }: LoggedSession,
  texts: Record<string, ReadonlyMap<string, string>>,
): string[] {
  const first = events[0]?.seq ?? Infinity
  const last = events.at(-1)?.seq ?? 0
  return [...textsOf(events)].flatMap(([id, text]) => {
    const message = state.messages.find((one) => one.id === id)
    // Of what began before, only the rest was seen.
    if (message === undefined || message.firstSeq < first || message.lastSeq > last) return []
    return Object.entries(texts).flatMap(([who, shown]) => {
      const due = shown.get(id)
      if (due === text || (due === undefined && message.purpose !== 'answer')) return []
      return [`read ${id} as ${apart(text, due ?? '')} by ${who}`]
    })
  })
}

function usageIn(shown: Readonly<Record<string, unknown>> | undefined) {
  return (shown?.['run'] as { usage: never } | undefined)?.usage as never
}
