import type { Command } from '../command.ts'
import { usageProblem } from '../problem.ts'
import { restore } from './restore.ts'
import { status } from './status.ts'

export const log: Command = {
  words: '[status] | restore',
  options: {
    save: { type: 'string', value: 'FILE', summary: 'restore: where what is not stored goes' },
    force: { type: 'boolean', summary: 'restore: begin a new epoch though nothing is wrong' },
    yes: { type: 'boolean', summary: 'restore: do not ask' },
  },
  details: [
    'status   the streams of the log, how far they are stored, and the queues. Changes nothing; also says what a restore',
    '         would do. Ends with 1 where a stream is not the log that is stored. Without a word, this.',
    '',
    'restore  for a NATS store that came back older than what is stored (a lost disk, an old copy of it), or is another',
    '         one. What Postgres holds is the log. What the stream holds beside it is saved to a file',
    '         (spool-log-<shard>-<time>.jsonl in this folder), then the stream is emptied and begins a new epoch behind',
    '         all positions that were ever given out. Everything may run meanwhile: appends wait. Broken off, it is run',
    '         again, by anybody. Sessions go on, and clients with their cursors; those of events that are lost are told.',
  ].join('\n'),
  async run(context) {
    const [action = 'status', ...rest] = context.given.words
    if (rest.length === 0 && action === 'status') return status(context)
    if (rest.length === 0 && action === 'restore') return restore(context)
    throw usageProblem('spool log status or spool log restore\nsee: spool log --help')
  },
}
