import { Blobs, isId, type Log, type SessionRef } from '@spool/log'
import type { Command, Context } from '../command.ts'
import { failed, usageProblem } from '../problem.ts'
import { counted } from '../rendering/amounts.ts'
import { Fault } from './fault.ts'
import { importSession, type Imported } from './import-session.ts'
import { originsFirst } from './origins-first.ts'
import { scanExport, type ScannedExport, type ScannedSession } from './scan-export.ts'
import { isStored } from './is-stored.ts'
import { withFile } from './with-file.ts'

/** Each waits for the ack of one append at a time. */
const SESSIONS_AT_ONCE = 8
/** For persistence, so that what was imported can be read when this ends. */
const STORED_PATIENCE_MS = 5000

export const importing: Command = {
  words: 'FILE | -',
  options: {
    tenant: { type: 'string', value: 'TENANT', summary: 'into this tenant; without it, into the one it comes from' },
    session: { type: 'string', value: 'NEW', summary: 'under this id; for an export of one session' },
  },
  details: [
    'Checks the whole file first: order, chains, bodies, blobs, counts, digests. With the first fault it ends, and nothing',
    'was changed. Then it appends to the log, at new positions; events keep their ids where session and tenant do. What was',
    'open at the end of the file is closed as partial: no model is asked again and no tool is run again.',
    'Ended at any point, the same import goes on where it was. A session that is there already and another one is refused.',
    'Persistence must run.',
  ].join('\n'),
  async run(context) {
    const { given } = context
    const [name, ...more] = given.words
    if (name === undefined || more.length > 0)
      throw usageProblem('spool import FILE, or - for standard input\nsee: spool import --help')
    const session = given.text('session')
    const tenant = given.text('tenant')
    for (const id of [session, tenant]) {
      if (id !== undefined && !isId(id))
        throw usageProblem('The id of a tenant or session has up to 128 letters, digits, - and _.')
    }
    return withFile(name, context, (file) => importFile(context, file, { name, tenant, session }))
  },
}

interface Where {
  /** As it was given. */
  readonly name: string
  readonly tenant: string | undefined
  readonly session: string | undefined
}

async function importFile(context: Context, file: string, { name, tenant, session }: Where): Promise<void> {
  const { output, connections, signal } = context
  const scanned = await scan(context, file, name)
  if (session !== undefined && scanned.sessions.length !== 1) {
    throw usageProblem(`${name} holds ${scanned.sessions.length} sessions; --session is for one.`)
  }
  const log = await connections.log()
  // What the archive holds was seen, too: an append must not go into a log that came back behind it.
  await log
    .askArchive(
      () => log.horizon.askArchive(),
      AbortSignal.any([signal, AbortSignal.timeout(connections.settings.connectMs)]),
    )
    .catch((error: unknown) => {
      throw failed(
        'Persistence does not answer; without it nobody can say which sessions there are. Nothing was changed.',
        error,
      )
    })
  const toOf = ({ session: id }: ScannedSession): SessionRef => ({
    tenant: tenant ?? scanned.tenant,
    session: session ?? id,
  })
  const imported = await importAll(context, log, file, scanned, toOf)
  if (!(await isStored(log, STORED_PATIENCE_MS, signal))) {
    output.note('All of it is in the log; persistence has not stored it all yet.')
  }
  const outcomes = (outcome: Imported['outcome']) => imported.filter((one) => one.outcome === outcome).length
  const closed = imported.reduce((sum, one) => sum + one.closed, 0)
  output.data({
    sessions: imported.length,
    events: scanned.events,
    imported: outcomes('imported'),
    went_on: outcomes('went on'),
    were_there: outcomes('was there'),
    closed,
    missing_blobs: scanned.missingBlobs,
    broken: scanned.broken,
  })
  output.line(
    `${counted(scanned.events, 'event')} of ${counted(imported.length, 'session')}: ${count(outcomes('imported'))} imported, ${count(outcomes('went on'))} brought to their end, ${count(outcomes('was there'))} were there already.`,
  )
  if (closed > 0) output.line(`${count(closed)} things that were open were closed as partial.`)
  if (scanned.missingBlobs > 0)
    output.note(`${count(scanned.missingBlobs)} blobs were missing where it was exported, and are missing here.`)
  if (scanned.broken.length > 0)
    output.note(`Not in the file, since they were broken where it was exported: ${scanned.broken.join(', ')}.`)
}

async function scan({ output }: Context, file: string, name: string): Promise<ScannedExport> {
  const progress = output.progress('checked')
  try {
    return await scanExport(file, () => progress.add())
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    throw failed(`${name}, line ${error.line}: ${error.message}. Nothing was imported.`, error)
  } finally {
    progress.end()
  }
}

async function importAll(
  { output, signal }: Context,
  log: Log,
  file: string,
  scanned: ScannedExport,
  toOf: (session: ScannedSession) => SessionRef,
): Promise<Imported[]> {
  const progress = output.progress('imported', scanned.events)
  const blobs = new Blobs(log.bus)
  const byName = new Map(scanned.sessions.map((one) => [one.session, one]))
  const done = new Map<string, Promise<Imported>>()
  const results: Imported[] = []
  const failing = new AbortController()
  const stop = AbortSignal.any([signal, failing.signal])
  let saidFull = false
  const onFull = () => {
    if (!saidFull) output.note('The log is full: this waits until persistence has made room.')
    saidFull = true
  }
  const bring = async (one: ScannedSession): Promise<Imported> => {
    // What a fork says of where it was copied from has to be known first.
    const origin = one.forkedFrom === null ? undefined : byName.get(one.forkedFrom.session)
    const known = origin === undefined || origin === one ? null : await done.get(origin.session)
    return importSession({
      log,
      blobs,
      file,
      from: { tenant: scanned.tenant, session: one.session },
      to: toOf(one),
      scanned: one,
      positionsOf: (session) =>
        known && session === origin?.session ? { positions: known.positions, to: toOf(origin) } : null,
      onEvent: () => progress.add(),
      onFull,
      signal: stop,
    })
  }
  const waiting = originsFirst(scanned.sessions, byName)
  const work = async () => {
    for (let one = waiting.shift(); one !== undefined && !stop.aborted; one = waiting.shift()) {
      const bringing = bring(one)
      done.set(one.session, bringing)
      results.push(await bringing)
    }
  }
  try {
    await Promise.all(
      Array.from({ length: SESSIONS_AT_ONCE }, () =>
        work().catch((error: unknown) => {
          // The first one tells why; the others end where they are.
          failing.abort(error)
          throw error
        }),
      ),
    )
  } finally {
    progress.end()
  }
  return results
}

function count(number: number): string {
  return number.toLocaleString('en')
}
