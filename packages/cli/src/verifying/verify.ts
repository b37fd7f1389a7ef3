import { isId } from '@spool/log'
import type { CheckedSession, Difference, Verified } from '@spool/store'
import type { Command, Context } from '../command.ts'
import { ExitCode } from '../exit-codes.ts'
import { harmlessLine } from '../output/harmless.ts'
import type { Output } from '../output/output.ts'
import { failed, usageProblem } from '../problem.ts'
import { counted } from '../rendering/amounts.ts'

/** One for digests of events, one for digests of snapshots, one in reserve. */
const CONNECTIONS = 3

export const verify: Command = {
  words: '[--all | --session S]',
  options: {
    all: { type: 'boolean', summary: 'everything that is stored (also without any option)' },
    session: { type: 'string', value: 'SESSION', summary: 'only this session' },
    tenant: { type: 'string', value: 'TENANT', summary: 'whose session it is; "default" without it' },
  },
  details: [
    'Walks the chains in JetStream and Postgres, compares both, folds the events and compares the result with the stored',
    'snapshots. Names the first differences and what to do. Changes nothing. Everything may go on meanwhile: it looks at',
    'what was stored when it began. Persistence need not run.',
    '',
    'Exit code 0: all is as it must be. 1: it is not.',
  ].join('\n'),
  run(context) {
    const { given } = context
    if (given.words.length > 0)
      throw usageProblem('spool verify --session S, or spool verify --all\nsee: spool verify --help')
    const session = given.text('session')
    const tenant = given.text('tenant')
    if (session === undefined) {
      if (tenant !== undefined)
        throw usageProblem('--tenant says whose --session it is. Without one, everything is verified.')
      return verifyAll(context)
    }
    if (given.flag('all')) throw usageProblem('Either --session, or --all.')
    const ref = { tenant: tenant ?? 'default', session }
    if (!isId(ref.tenant) || !isId(ref.session)) {
      throw usageProblem('The id of a tenant or session has up to 128 letters, digits, - and _.')
    }
    return verifyOne(context, ref)
  },
}

async function verifyAll({ output, connections, signal }: Context): Promise<ExitCode> {
  const { storedEvents, verifyStored } = await import('@spool/store')
  const { kysely } = await connections.database(CONNECTIONS)
  const log = await connections.log()
  const progress = output.progress('verified', await storedEvents(kysely))
  const startedMs = performance.now()
  const verified = await verifyStored(kysely, log, { signal, onProgress: (events) => progress.add(events) }).finally(
    () => progress.end(),
  )
  const seconds = (performance.now() - startedMs) / 1000
  const { differences, unexamined } = verified
  output.data({
    ok: differences.length === 0,
    sessions: verified.sessions,
    events: verified.events,
    in_log: verified.inLog,
    marked: verified.marked,
    erased: verified.erased,
    refused: verified.refused,
    until: verified.until.map(cursor),
    seconds: Math.round(seconds * 1000) / 1000,
    events_per_second: Math.round(verified.events / seconds),
    differences: differences.map(asData),
    unexamined,
  })
  for (const line of summary(verified, seconds)) output.line(line)
  return conclude(output, differences, unexamined)
}

async function verifyOne(
  { output, connections }: Context,
  ref: { tenant: string; session: string },
): Promise<ExitCode> {
  const { checkSession } = await import('@spool/store')
  const { kysely } = await connections.database(1)
  const checked = await checkSession(kysely, await connections.log(), ref)
  const { stored, inLog, marked, refused, erased, differences } = checked
  if (checked.unknown)
    throw failed(`There is no session ${ref.session} of the tenant ${ref.tenant}, nor was there one.`)
  output.data({
    ok: differences.length === 0,
    ...ref,
    events: stored,
    in_log: inLog,
    marked,
    erased,
    refused,
    differences: differences.map(asData),
  })
  output.line(inWords(checked))
  return conclude(output, differences, 0)
}

function conclude(output: Output, differences: readonly Difference[], unexamined: number): ExitCode {
  const [first, ...others] = differences
  if (first === undefined) {
    output.line(output.colour('green', 'All is as it must be.'))
    return ExitCode.done
  }
  output.line('')
  output.line(output.colour('red', 'The first difference:'))
  tell(output, first)
  if (others.length > 0) {
    output.line('')
    output.line('After it:')
    for (const other of others) tell(output, other)
  }
  if (unexamined > 0) output.line(`${counted(unexamined, 'session')} besides look different; not looked at one by one.`)
  return ExitCode.failed
}

function tell(output: Output, { tenant, session, shard, at, what, inLog, stored, todo }: Difference): void {
  // What others have written is in it.
  const say = (text: string) => output.line(harmlessLine(text))
  const where = session === null ? `shard ${shard}` : `${tenant}/${session}`
  say(`  ${where}${at === null ? '' : ` at ${at}`}: ${what}`)
  if (inLog !== null || stored !== null) {
    say(`    expected: ${inLog ?? 'nothing'}`)
    say(`    stored:   ${stored ?? 'nothing'}`)
  }
  say(`    ${todo}`)
}

function summary(verified: Verified, seconds: number): string[] {
  const { sessions, events, inLog, marked, erased, refused } = verified
  return [
    `${counted(events, 'event')} of ${counted(sessions, 'session')}, ${count(inLog)} of them still in the log; ${seconds.toFixed(1)} s, ${count(Math.round(events / seconds))} a second.`,
    ...(marked > 0
      ? [`${counted(marked, 'event')} kept and not folded: what does not parse, or does not follow.`]
      : []),
    ...(erased > 0 ? [`${counted(erased, 'erased session')}, of which nothing is left.`] : []),
    ...(refused > 0 ? [`${counted(refused, 'event')} after the end of an erased session, not kept.`] : []),
  ]
}

function inWords({ stored, inLog, marked, erased }: CheckedSession): string {
  if (erased) return 'The session was erased.'
  const odd = marked === 0 ? '' : `; ${count(marked)} of them are kept and not folded`
  return `${counted(stored, 'event')}, ${count(inLog)} of them still in the log${odd}.`
}

function asData({ tenant, session, shard, at, what, inLog, stored, todo }: Difference) {
  return { tenant, session, shard, at, what, expected: inLog, stored, todo }
}

function cursor({ epoch, seq }: { epoch: number; seq: number }): string {
  return seq === 0 ? '0' : `${epoch}-${seq}`
}

function count(number: number): string {
  return number.toLocaleString('en')
}
