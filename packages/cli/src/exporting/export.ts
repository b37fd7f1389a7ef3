import { Blobs, isId, type SessionRef } from '@spool/log'
import type { DoneLine, HeaderLine } from '@spool/store'
import type { Command, Context } from '../command.ts'
import { ExitCode } from '../exit-codes.ts'
import { counted } from '../rendering/amounts.ts'
import { failed, usageProblem } from '../problem.ts'
import { FileSink, type Sink } from './sink.ts'

/** For what is in the log and not stored yet. */
const PATIENCE_MS = 5000

export const exporting: Command = {
  words: '--session S | --tenant T',
  options: {
    session: { type: 'string', value: 'SESSION', summary: 'this session' },
    tenant: {
      type: 'string',
      value: 'TENANT',
      summary: 'all sessions of a tenant; beside --session, whose it is ("default")',
    },
    out: { type: 'string', value: 'FILE', summary: 'where to; standard output without it' },
  },
  details: [
    'JSON Lines: every event with its body as it was appended, and what events name that is larger than an event.',
    'Each session is as it was at one moment. A file that was cut short or changed is known by itself; `spool import`',
    'checks it. Erased sessions are not in it. Keys and settings are not, either.',
    'A session of which something stored is missing is left out and named, and the exit code is 1; the others are in',
    'FILE.incomplete then, and FILE stays what it was.',
  ].join('\n'),
  async run(context) {
    const { given, output } = context
    if (given.words.length > 0) throw usageProblem('spool export --session S, or --tenant T\nsee: spool export --help')
    const session = given.text('session') ?? null
    if (session === null && given.text('tenant') === undefined) throw usageProblem('Which? --session S, or --tenant T.')
    const tenant = given.text('tenant') ?? 'default'
    if (!isId(tenant) || (session !== null && !isId(session))) {
      throw usageProblem('The id of a tenant or session has up to 128 letters, digits, - and _.')
    }
    const file = given.text('out')
    if (file === undefined) {
      const all = await exportTo({ write: (text) => output.rawInTurn(text) }, context, tenant, session)
      output.note(inWords(all))
      return exitCodeOf(all)
    }
    const sink = await FileSink.open(file)
    const all = await exportTo(sink, context, tenant, session).catch(async (error: unknown) => {
      await sink.abandon()
      throw error
    })
    // What has the name is perhaps the last copy of what is missing now.
    const placed = all.broken.length === 0 ? file : `${file}.incomplete`
    await sink.finish(placed)
    output.data({ file: placed, ...all })
    output.line(`${inWords(all)} ${placed}`)
    return exitCodeOf(all)
  },
}

interface Counted {
  readonly sessions: number
  readonly events: number
  readonly blobs: number
  /** Events of the log that were not stored yet. */
  readonly behind: number
  /** Sessions that were left out. */
  readonly broken: readonly string[]
}

async function exportTo(
  sink: Pick<Sink, 'write'>,
  { connections, output, signal }: Context,
  tenant: string,
  session: string | null,
): Promise<Counted> {
  const { behindLog, ChainBroken, EXPORT_VERSION, exportSession, sessionsOfTenant } = await import('@spool/store')
  const { kysely } = await connections.database()
  const log = await connections.log()
  const behind = await behindLog(kysely, log, PATIENCE_MS)
  if (behind > 0) {
    output.note(
      `The last ${behind.toLocaleString('en')} positions of the log are not stored yet, and not in this export. Is persistence running?`,
    )
  }
  const blobs = new Blobs(log.bus)
  let isBegun = false
  const write = (line: string) => {
    const first = isBegun ? '' : `${JSON.stringify(header)}\n`
    isBegun = true
    return sink.write(`${first}${line}\n`)
  }
  const header: HeaderLine = {
    spool_export: EXPORT_VERSION,
    tenant,
    session,
    exported_at: new Date().toISOString(),
  }
  const progress = output.progress('exported')
  const broken: string[] = []
  const all = { sessions: 0, events: 0, blobs: 0, behind, broken }
  try {
    for await (const ref of session === null ? sessionsOfTenant(kysely, tenant) : one({ tenant, session })) {
      signal.throwIfAborted()
      const exported = await exportSession(kysely, ref, (of, id) => blobs.open(of, id), write).catch(
        (error: unknown) => {
          if (!(error instanceof ChainBroken)) throw error
          broken.push(ref.session)
          output.note(brokenInWords(ref, error.message))
          return null
        },
      )
      // Erased while the others were written, or broken.
      if (exported === null) continue
      all.sessions++
      all.events += exported.events
      all.blobs += exported.blobs
      progress.add(exported.events)
    }
  } finally {
    progress.end()
  }
  if (all.sessions === 0 && broken.length > 0) throw failed('Nothing was exported.')
  if (all.sessions === 0) {
    throw failed(
      session === null
        ? `The tenant ${tenant} has no session.`
        : `There is no session ${session} of the tenant ${tenant}, or it was erased.`,
    )
  }
  const done: DoneLine = {
    kind: 'done',
    sessions: all.sessions,
    events: all.events,
    ...(broken.length > 0 && { broken }),
  }
  await write(JSON.stringify(done))
  return all
}

function* one(ref: SessionRef): Generator<SessionRef, void, undefined> {
  yield ref
}

function exitCodeOf({ broken }: Counted): ExitCode {
  return broken.length === 0 ? ExitCode.done : ExitCode.failed
}

function brokenInWords({ tenant, session }: SessionRef, fault: string): string {
  return `Session ${session} is left out: events of it are missing in Postgres, or were changed, ${fault}. See: spool verify --session ${session} --tenant ${tenant}`
}

function inWords({ sessions, events, blobs, broken }: Counted): string {
  const leftOut = broken.length === 0 ? '' : ` Left out: ${counted(broken.length, 'broken session')}.`
  return `Exported ${counted(events, 'event')} of ${counted(sessions, 'session')}, and ${counted(blobs, 'blob')}.${leftOut}`
}
