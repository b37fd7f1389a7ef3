import type { Command } from '../command.ts'
import { cursorOption } from '../cursor-option.ts'
import { usageProblem } from '../problem.ts'
import { EventLines } from '../rendering/event-lines.ts'
import { assertSessionId } from '../session-id.ts'
import { eventsSoFar } from './events-so-far.ts'

export const tail: Command = {
  words: '<session>',
  options: {
    from: { type: 'string', value: 'CURSOR', summary: 'only what comes after it; without it, from the beginning' },
    'no-follow': { type: 'boolean', summary: 'only what is there already, then end' },
    events: { type: 'boolean', summary: 'one line for every event, with its cursor; text does not flow together' },
  },
  details: [
    'Each event with its time and type, as it comes; what is streamed flows together. Reconnects by itself. Ends with',
    'Ctrl-C (exit code 130), or when the session is erased.',
    '',
    '  spool tail my-session --from 1-4711 --json | jq .type',
  ].join('\n'),
  async run({ given, output, connections, signal }) {
    const [id, ...more] = given.words
    if (id === undefined || more.length > 0) throw usageProblem('spool tail <session>\nsee: spool tail --help')
    assertSessionId(id)
    const after = cursorOption(given, 'from') ?? '0'
    const lines = new EventLines(output, given.flag('events'))
    const onLost = () => {
      lines.end()
      output.note(output.colour('dim', 'reconnecting …'))
    }
    const session = (await connections.gateway(signal, { onLost })).session(id)
    const events = given.flag('no-follow') ? eventsSoFar(session, after, signal) : session.follow({ after, signal })
    try {
      for await (const event of events) lines.show(event)
    } finally {
      lines.end()
    }
  },
}
