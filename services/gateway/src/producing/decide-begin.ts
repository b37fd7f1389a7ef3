import { allows, draft, messageOf, runOf, type SessionState } from '@spool/events'
import { Problem } from '../problems/problem.ts'
import { append, answer, type Decision, refuse } from './decision.ts'

export interface Begin {
  readonly run: string
  readonly message: string
  readonly model?: string | undefined
  /** Of a request that may be repeated. */
  readonly key?: string | undefined
  readonly body_hash?: string | undefined
}

/** The position of the run's first event. */
export interface Begun {
  readonly first: number
}

export function decideBegin(state: SessionState, begin: Begin, now: Date): Decision<Begun> {
  const { run: id, model, key, body_hash } = begin
  const run = runOf(state, id)
  if (run === undefined) {
    const start = draft('run.started', { run: id, kind: 'external', model, key, body_hash }, now)
    return allows(state, start) === null ? append(start) : refuse(busy(state))
  }
  if (run.kind !== 'external' || run.body_hash !== (body_hash ?? null)) return refuse(REUSED)
  const message = messageOf(state, begin.message)
  if (message !== undefined) return answer({ first: run.firstSeq })
  const about = { run: id, message: begin.message, role: 'assistant', purpose: 'answer' } as const
  const started = draft('message.started', { ...about, provider: 'external', model: model ?? 'external' }, now)
  return allows(state, started) === null ? append(started) : refuse(overBefore(id))
}

function busy({ activeRun, runs }: SessionState): Problem {
  const run = activeRun ?? runs.find(({ status }) => status === 'queued')?.id ?? null
  const detail = 'The session is busy with another run. Wait for its end, or cancel it, and begin again.'
  return new Problem(409, 'session_busy', detail, { members: { run } })
}

const REUSED = new Problem(
  422,
  'idempotency_key_reused',
  'This idempotency key was used with another body in this session. Use a new key for a new request.',
)

const overBefore = (run: string) =>
  new Problem(409, 'message_closed', `Run ${run} was over before its message had begun. Begin anew, under a new key.`, {
    members: { message_status: null, reason: null },
  })
