import type { Command } from '../command.ts'

export const replay: Command = {
  words: '<session>',
  options: {
    speed: { type: 'string', value: '1x|10x|max', summary: 'how often faster than recorded, or without waiting; 1x' },
    from: { type: 'string', value: 'CURSOR', summary: 'begin after it; without it, at the beginning' },
    to: { type: 'string', value: 'CURSOR', summary: 'up to it; without it, as far as the session has come' },
    port: { type: 'string', value: 'PORT', summary: 'for clients, as server-sent events on this port; 0: a free one' },
    dialect: {
      type: 'string',
      value: 'NAME',
      summary: 'with --port, what clients speak: native, confirmation, chat, planner, agent',
    },
    events: { type: 'boolean', summary: 'in the terminal, one line for every event, with its cursor' },
    tenant: { type: 'string', value: 'TENANT', summary: 'whose session it is; "default"' },
  },
  details: [
    'Reads the log itself: JetStream where the events still are, else Postgres. Nothing is changed by it.',
    'With --port a client is served as by a gateway, with any key: GET /v1/sessions/{s}/events and …/runs/{r}/events,',
    'also from a cursor on. Time begins with the first request; what lies before --from is there at once.',
    'With --dialect also at the address of that protocol: each message that is sent is answered by the next run.',
    '',
    '  spool replay my-session --speed 10x',
    '  spool replay my-session --speed max --port 8099',
  ].join('\n'),
  // Help is not to wait for what reads the log.
  run: async (context) => (await import('./play.ts')).play(context),
}
