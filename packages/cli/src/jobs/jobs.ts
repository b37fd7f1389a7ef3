import { isId, type JobFilter, QUEUES, type QueueName } from '@spool/log'
import type { Command, Given } from '../command.ts'
import { usageProblem } from '../problem.ts'
import { dropJobs } from './drop-jobs.ts'
import { listJobs } from './list-jobs.ts'
import { requeueJobs } from './requeue-jobs.ts'

export const jobs: Command = {
  words: '[list] | requeue <id>… | requeue --all | drop <id>…',
  options: {
    kind: { type: 'string', value: 'KIND', summary: `only those of: ${Object.keys(QUEUES).join(', ')}` },
    tenant: { type: 'string', value: 'TENANT', summary: 'only those of a tenant' },
    session: { type: 'string', value: 'SESSION', summary: 'only those of a session' },
    limit: { type: 'string', value: 'N', summary: 'list: at most so many, the oldest first; 100' },
    all: { type: 'boolean', summary: 'list: all of them; requeue: all that were given out and that no worker has' },
    yes: { type: 'boolean', summary: 'drop: do not ask' },
  },
  details: [
    'waiting   no worker was free yet',
    'in work   a worker says that it has it',
    'delayed   a worker has put it off: after a failure, behind another message of its session, or until',
    '          persistence is back',
    'silent    it was given out, and no worker that answers has it: that one is frozen, or gone. It is given out',
    '          again by itself 4 s after its worker was last heard of',
    '',
    'TRIED counts attempts in the log (llm, tool), else how often it was given out.',
    '',
    'requeue has a job given out again now. That is safe at any time: what a worker that lives on after all still does',
    'for it is refused by the log. A call of a model or a tool whose worker answers is left to that worker: cancel its',
    'run, or end that process. A step (kind run) that was given out more than ten times gives its run up.',
    '',
    'drop takes a job out. Where its run still calls for it (llm, tool, run), it is back within 30 s; to end it for good,',
    'cancel the run: POST /v1/sessions/<session>/runs/<run>/cancel. Without its memory job nothing is remembered of a',
    'run. With intake a message of a user goes, with control a cancel, an answer or a fork: whoever waits for it is told,',
    'and nobody does it again.',
  ].join('\n'),
  async run(context) {
    const { given } = context
    const [action = 'list', ...ids] = given.words
    const filter = filterOf(given)
    if (action === 'list' && ids.length === 0) return listJobs(context, filter, limitOf(given))
    if (action === 'requeue' && ids.length > 0 !== given.flag('all')) return requeueJobs(context, filter, ids)
    if (action === 'drop' && ids.length > 0 && !given.flag('all')) return dropJobs(context, ids)
    throw usageProblem(
      'spool jobs, spool jobs requeue <id>…, spool jobs requeue --all or spool jobs drop <id>…\nsee: spool jobs --help',
    )
  },
}

function filterOf(given: Given): JobFilter {
  const kind = given.text('kind')
  if (kind !== undefined && !Object.hasOwn(QUEUES, kind)) {
    throw usageProblem(`--kind is one of ${Object.keys(QUEUES).join(', ')}.`)
  }
  return { queue: kind as QueueName | undefined, tenant: idOf(given, 'tenant'), session: idOf(given, 'session') }
}

function idOf(given: Given, name: string): string | undefined {
  const id = given.text(name)
  if (id === undefined || isId(id)) return id
  throw usageProblem(`--${name} takes 1 to 128 letters, digits, "-" or "_".`)
}

function limitOf(given: Given): number {
  if (given.flag('all')) return Number.POSITIVE_INFINITY
  const text = given.text('limit') ?? '100'
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw usageProblem('--limit takes a whole number above 0.')
}
