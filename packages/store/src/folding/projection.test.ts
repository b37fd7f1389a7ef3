import { draft, emptySession, encodeEvent, newId, type SessionState, type SpoolEvent } from '@spool/events'
import { foldStored, StoredEvent, type StreamedEvent } from '@spool/log'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { assembleSession, tailStart } from '../loading/assemble-session.ts'
import type { ChainRow } from '../loading/fold-text.ts'
import { sessionKey } from '../loading/open-sessions.ts'
import { foldRows } from '../rebuilding/fold-rows.ts'
import { afterwards, duePieces } from './due-pieces.ts'
import { foldBatch, type SessionChange } from './fold-batch.ts'
import { type KnownSession, remembered } from './known-session.ts'
import { headerOf, type SessionHeader } from './session-header.ts'

const ref = { tenant: 'acme', session: 'one' }
const usage = { input_tokens: 1, output_tokens: 2, cached_tokens: 0, reasoning_tokens: 0 }

/** A session with several runs, tools and a question, and bodies that nobody can read in between. */
function conversation(): StreamedEvent[] {
  const events: SpoolEvent[] = []
  const say = (...args: Parameters<typeof draft>) => void events.push(draft(...args) as SpoolEvent)
  for (let turn = 0; turn < 3; turn++) {
    const [run, input, message, title, call, confirmation] = Array.from({ length: 6 }, () => newId())
    say('run.started', { run, kind: 'agent', agent: 'default', model: 'demo', input } as never)
    say('message.added', { run, message: input, role: 'user', parts: [{ type: 'text', text: 'go' }] } as never)
    say('message.requested', { run, message, purpose: 'answer', model: 'demo' } as never)
    say('message.started', { run, message, role: 'assistant', purpose: 'answer', provider: 'd', model: 'm' } as never)
    say('message.requested', { run, message: title, purpose: 'title', model: 'demo' } as never)
    const attempt = (n: number) => ({ run, message, attempt: n, worker: 'w', provider: 'd', model: 'm', kept: 0 })
    say('generation.started', { ...attempt(1), reason: 'first' } as never)
    for (let n = 1; n <= 12; n++) say('text.delta', { run, message, sequence: n, text: `${n} `.repeat(40) } as never)
    if (turn === 1) say('generation.started', { ...attempt(2), reason: 'takeover' } as never)
    for (let n = 13; n <= 20; n++) say('text.delta', { run, message, sequence: n, text: `${n} ` } as never)
    say('text.delta', { run, message: title, sequence: 1, text: 'A title' } as never)
    say('message.completed', { run, message: title, status: 'complete', reason: 'stop', usage } as never)
    say('custom.note', { run, note: turn } as never)
    say('message.completed', { run, message, status: 'complete', reason: 'tool_calls', usage } as never)
    say('tool.called', { run, call, name: 'search', input: { q: 1 }, repeatable: true } as never)
    say('tool.completed', { run, call, output: 'found', duration_ms: 3 } as never)
    const deadline = new Date(2e12).toISOString()
    const question = { run, confirmation, kind: 'plan', round: 1, prompt: '?', tasks: [], hash: 'h', deadline }
    say('confirmation.requested', { ...question, options: ['confirm'], timeout_seconds: 9 } as never)
    say('confirmation.resolved', { run, confirmation, action: 'confirm', by: 'me', via: 'rest' } as never)
    say('run.completed', { run, status: 'done', usage, steps: 1, duration_ms: 1 } as never)
  }
  return events.map((event, index) => {
    const body = index % 17 === 5 ? new TextEncoder().encode('{"half":') : encodeEvent(event)
    const place = { seq: (index + 1) * 3, prev: index * 3, epoch: 1, id: newId(), type: event.type }
    return { ref, stored: new StoredEvent(place, body), storedAtMs: 1e12 }
  })
}

/** The tables, in memory. */
class Tables {
  header: SessionHeader | null = null
  readonly pieces = new Map<string, { kind: string; asOf: number; state: never }>()
  readonly rows: ChainRow[] = []
  /** What the last batch has made of the session, and what a rebuild makes of its rows. */
  projected: SessionChange | null = null
  rebuilt: SessionChange | null = null

  load(): SessionState {
    if (this.header === null) return emptySession()
    const of = (kind: string) => [...this.pieces.values()].filter((piece) => piece.kind === kind)
    const messages = of('message').map(({ asOf, state }) => ({ asOf, message: state as SessionState['messages'][0] }))
    const open = messages.filter(({ message }) => message.status === 'requested' || message.status === 'streaming')
    const after = tailStart(this.header.seq, open)
    return assembleSession({
      header: this.header,
      epoch: 1,
      runs: of('run').map(({ state }) => state),
      messages,
      calls: of('call').map(({ state }) => state),
      questions: of('question').map(({ state }) => state),
      artifacts: of('artifact').map(({ state }) => state),
      tail: this.rows.filter((row) => row.seq > after),
    }).state
  }

  project(batch: readonly StreamedEvent[], known: KnownSession | undefined): KnownSession {
    const sessions = new Map(known === undefined ? [] : [[sessionKey(ref), known]])
    const folded = foldBatch(0, batch, sessions)
    for (const row of folded.rows) this.rows.push({ seq: row.seq, epoch: 1, body: row.body ?? '' })
    const change = folded.changes[0]!
    const stored = folded.rows.map(({ seq, body }) => ({ ...ref, shard: 0, seq, epoch: 1, body: body ?? '' }))
    this.rebuilt = foldRows(stored, sessions).changes[0]!.change
    this.projected = change
    const due = duePieces(change)
    const { after } = change
    if (due.header) this.header = headerOf(after)
    const put = (kind: string, pieces: readonly { readonly id: string }[]) => {
      for (const piece of pieces)
        this.pieces.set(`${kind} ${piece.id}`, { kind, asOf: after.seq, state: piece as never })
    }
    put('run', due.runs)
    put('message', due.messages)
    put('call', due.calls)
    put('question', due.questions)
    put('artifact', due.artifacts)
    return afterwards(change, due)
  }
}

test('in whatever batches a session comes, and whenever it is forgotten, its rows and the tail are the fold', () => {
  const events = conversation()
  const cuts = fc.array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.boolean()), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(cuts, (sizes) => {
      const tables = new Tables()
      let known: KnownSession | undefined
      let whole = emptySession()
      let at = 0
      for (const [size, forgotten] of sizes) {
        const batch = events.slice(at, at + size)
        if (batch.length === 0) break
        at += size
        if (forgotten) known = remembered({ state: tables.load(), epoch: 1, known: tables.header !== null })
        known = tables.project(batch, known)
        for (const { stored } of batch) whole = foldStored(whole, stored)
        expect(tables.load()).toEqual(whole)
        expect(tables.rebuilt).toEqual(tables.projected)
      }
    }),
    { numRuns: 60 },
  )
})

test('a long answer is written a number of times that grows with its logarithm', () => {
  const [run, message] = [newId(), newId()]
  const tables = new Tables()
  let known: KnownSession | undefined
  let writes = 0
  const opening = { run, message, role: 'assistant', purpose: 'answer', provider: 'd', model: 'm' }
  const events = [
    draft('message.started', opening as never),
    ...Array.from({ length: 5000 }, (_, n) => draft('text.delta', { run, message, sequence: n + 1, text: 'word ' })),
  ]
  for (const [index, event] of events.entries()) {
    const place = { seq: index + 1, prev: index, epoch: 1, id: newId(), type: event.type }
    const stored = new StoredEvent(place, encodeEvent(event as SpoolEvent))
    known = tables.project([{ ref, stored, storedAtMs: 0 }], known)
    if (tables.pieces.get(`message ${message}`)!.asOf === stored.seq) writes++
  }
  expect(writes).toBeLessThan(30)
})
