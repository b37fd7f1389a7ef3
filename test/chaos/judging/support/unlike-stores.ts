import { describe, expect, test } from 'vitest'
import type { LoggedEvent } from '../logged-event.ts'
import { loggedSession } from '../logged-session.ts'
import { unlikePages, unlikeRows } from '../stored-places.ts'
import { unlikeFold } from '../unlike-fold.ts'
import { agreed } from './agreed.ts'
import { alterations, harms, unnoticed } from './harms.ts'
import { CALLS, type JudgedMaterial, PLAN, TALK } from './judged-play.ts'

/** One of those who hold the log, or what follows from it, says something else than the others. */
export function unlikeStores(material: () => JudgedMaterial): void {
  const faults = (gathered: Parameters<JudgedMaterial['faults']>[0]) => material().faults(gathered, { clients: [] })

  describe('what lies in one place is what lies in all', () => {
    test('in NATS', () => {
      for (const session of [TALK, PLAN]) {
        const gathered = material().of(session)
        const altered = harms(gathered.log, session === TALK ? otherEvents : () => [])
        expect(unnoticed(altered, (log) => faults({ ...gathered, log }))).toEqual([])
      }
    })

    test('in the rows of Postgres', () => {
      for (const session of [TALK, PLAN]) {
        const gathered = material().of(session)
        const altered = harms(gathered.rows, function* (row) {
          for (const [what, event] of session === TALK ? otherEvents(row) : []) {
            yield [what, { ...row, ...event }] as const
          }
          yield ['aside', { ...row, onChain: false }]
          yield ['problem', { ...row, problem: 'odd' }]
          yield ['run', { ...row, run: 'another' }]
          yield ['bytes', { ...row, bytes: row.bytes + 1 }]
        })
        expect(unnoticed(altered, (rows) => unlikeRows(gathered.log, rows))).toEqual([])
        expect(faults({ ...gathered, rows: gathered.rows.slice(1) })).not.toEqual([])
      }
    })

    test('over HTTP, to the letter', () => {
      const gathered = material().of(TALK)
      const altered = harms(gathered.pages, function* (page) {
        for (let at = 0; at < page.text.length; at += 7) {
          const text = `${page.text.slice(0, at)}~${page.text.slice(at + 1)}`
          yield [`character ${at}`, { ...page, text }] as const
        }
      })
      expect(unnoticed(altered, (pages) => unlikePages(gathered.log, pages, TALK))).toEqual([])
      expect(faults({ ...gathered, pages: [] })).not.toEqual([])
    })

    test('in each value of each snapshot', () => {
      for (const session of [TALK, CALLS, PLAN]) {
        const gathered = material().of(session)
        const { stored, shown, log } = gathered
        const logged = loggedSession(session, log)
        const states = alterations(stored) as Iterable<[string, typeof stored]>
        expect(unnoticed(states, (state) => unlikeFold(logged, shown, state))).toEqual([])
        for (const [path, body] of agreed(session, log).shown) {
          const bodies = alterations(body) as Iterable<[string, typeof body]>
          const others = (other: typeof body) => new Map([...shown, [path, other]])
          expect(unnoticed(bodies, (other) => unlikeFold(logged, others(other), stored))).toEqual([])
        }
        expect(faults({ ...gathered, stored: null })).not.toEqual([])
        expect(faults({ ...gathered, shown: new Map() })).not.toEqual([])
      }
    })
  })
}

function* otherEvents(event: LoggedEvent): Generator<[string, LoggedEvent]> {
  for (const field of ['epoch', 'seq', 'prev'] as const) yield [field, { ...event, [field]: event[field] + 1 }]
  for (const field of ['id', 'type'] as const) yield [field, { ...event, [field]: `${event[field]}x` }]
  const body = JSON.parse(event.text) as object
  for (const [path, other] of alterations(body)) yield [path, { ...event, text: JSON.stringify(other) }]
}
