import { describe, expect, test } from 'vitest'
import type { ClientLog } from '../../client-log.ts'
import { clientFaults } from '../client-saw.ts'
import { dialectFrames } from '../dialect-frames.ts'
import { dialectFaults, dialectOf } from '../dialect-saw.ts'
import { loggedSession } from '../logged-session.ts'
import { alterations, harms, unnoticed } from './harms.ts'
import { type JudgedMaterial, TALK } from './judged-play.ts'

/** Something of what a client saw is not what the log holds. */
export function harmedClients(material: () => JudgedMaterial): void {
  const logged = ({ session }: ClientLog) => loggedSession(session, material().of(session).log)
  const judged = (client: ClientLog, other: Partial<ClientLog>) =>
    material().faults(material().of(client.session), { clients: [{ ...client, ...other }] })

  describe('a client', () => {
    test.each(['run', 'cutting', 'session'])('saw every event once, as it lies in the log: %s', (kind) => {
      for (const client of material().play.logs.filter((log) => log.kind === kind)) {
        const ours = logged(client)
        const altered = harms(client.events, (event) => alterations(event) as Iterable<[string, typeof event]>)
        expect(unnoticed(altered, (events) => clientFaults({ ...client, events }, ours))).toEqual([])
      }
    })

    test.each(['chat', 'confirmation', 'planner', 'agent'])('saw every frame once, to the letter: %s', (name) => {
      const clients = material().play.logs.filter(({ kind }) => kind === `dialect ${name}`)
      expect(clients).toHaveLength(2)
      for (const client of clients) {
        const wanted = dialectFrames(dialectOf(client)!, logged(client), client.run!)!
        const altered = harms(client.frames, otherFrames)
        expect(unnoticed(altered, (frames) => dialectFaults({ ...client, frames }, wanted))).toEqual([])
      }
    })

    test('saw the end, from where it began', () => {
      for (const client of material().play.logs) {
        expect(judged(client, {})).toEqual([])
        const [events, frames, at] = [client.events.slice(1), client.frames.slice(1), client.at.slice(1)]
        expect(judged(client, { events, frames, at })).not.toEqual([])
        expect(judged(client, { isOver: false })).not.toEqual([])
        expect(judged(client, { faults: ['odd'] })).not.toEqual([])
        expect(judged(client, { run: 'another' })).not.toEqual([])
        expect(judged(client, { at })).not.toEqual([])
        if (client.events.length > 0) expect(judged(client, { after: `1-${client.events[2]!.seq}` })).not.toEqual([])
      }
    })

    test('reads what is shown of it afterwards', () => {
      const { play, of, faults } = material()
      const clients = play.logs.filter(({ kind, session }) => kind === 'run' && session === TALK)
      const gathered = of(TALK)
      const { stored } = gathered
      const messages = stored!.messages.map((message) => ({ ...message, text: `${message.text}!` }))
      expect(faults({ ...gathered, stored: { ...stored!, messages } }, { clients }).join()).toContain('by Postgres')
      const shown = new Map([...gathered.shown].map(([path, body]) => [path, { ...body, messages: [] }]))
      expect(faults({ ...gathered, shown }, { clients }).join()).toContain('by GET /messages')
    })

    test('is greeted when it comes back, and at no other time', () => {
      const { logs } = material().play
      const greeted = logs.filter(({ kind, joints }) => /planner|agent/.test(kind) && joints?.length === 1)
      expect(greeted).toHaveLength(2)
      for (const client of greeted) {
        expect(judged(client, { joints: [] })).not.toEqual([])
        expect(judged(client, { joints: [client.joints![0]! + 1] })).not.toEqual([])
      }
    })
  })
}

/** Another character at each third place, and where the planner counts at each, but within what the clock of a connection says. */
function* otherFrames(frame: string): Generator<[string, string]> {
  const clocks = frame.startsWith('id: ') ? [] : frame.matchAll(/(?<="(timestamp|duration)":)("[^"]*"|[\d.]+)/g)
  const clocked = [...clocks].map(({ index, 0: text }) => [index, index + text.length] as const)
  for (let at = 0; at < frame.length; at++) {
    if (at % 3 > 0 && !frame.startsWith('event: complete\n')) continue
    if (clocked.some(([from, to]) => at >= from && at < to)) continue
    const character = frame[at]!
    const other = /\d/.test(character) ? (Number(character) + 1) % 10 : character === 'x' ? 'y' : 'x'
    yield [`character ${at}`, `${frame.slice(0, at)}${other}${frame.slice(at + 1)}`]
  }
}
