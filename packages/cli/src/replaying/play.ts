import { type Cursor, parseCursor } from '@spool/events'
import { isId, type SessionRef } from '@spool/log'
import type { Context, Given } from '../command.ts'
import { cursorOption } from '../cursor-option.ts'
import { failed, usageProblem } from '../problem.ts'
import { duration } from '../rendering/amounts.ts'
import { EventLines } from '../rendering/event-lines.ts'
import { DialectReplay } from './dialect-replay.ts'
import { dialectOf } from './dialects.ts'
import { pause, Playback, timeOf } from './playback.ts'
import { openRecording, type Recording } from './recording.ts'
import { ReplayServer } from './replay-server.ts'
import { shownBody } from './shown-body.ts'
import { speedOf } from './speed.ts'
import { Windows } from './windows.ts'

const LONG_PAUSE_MS = 5000

export async function play(context: Context): Promise<void> {
  const { given, output, connections } = context
  const wanted = wantedOf(given)
  const recording = await openRecording(connections, wanted.ref, (text) => output.note(text))
  const end = await recording.end()
  if (end === 0) throw failed(`There is no session ${wanted.ref.session} of the tenant ${wanted.ref.tenant}.`)
  for (const cursor of [wanted.from, wanted.to]) if (cursor !== undefined) await recording.check(cursor)
  const until = wanted.to?.seq ?? end
  const after = wanted.from?.seq ?? 0
  const playback = new Playback(wanted.speed, after, await beginning(recording, after, until, context.signal))
  if (wanted.port === undefined) return toTerminal(context, recording, playback, after, until)
  return toClients(context, recording, playback, until, wanted)
}

interface Wanted {
  readonly ref: SessionRef
  readonly speed: number
  readonly from: Cursor | undefined
  readonly to: Cursor | undefined
  readonly port: number | undefined
}

function wantedOf(given: Given): Wanted {
  const [session, ...more] = given.words
  if (session === undefined || more.length > 0) throw usageProblem('spool replay <session>\nsee: spool replay --help')
  const tenant = given.text('tenant') ?? 'default'
  if (!isId(session) || !isId(tenant))
    throw usageProblem('A session and a tenant are 1 to 128 letters, digits, "-" or "_".')
  dialectOf(given.text('dialect') ?? 'native')
  const port = given.text('port')
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) < 65_536)) {
    throw usageProblem('--port takes a number from 0 (any that is free) to 65535.')
  }
  const cursor = (name: string) => {
    const text = cursorOption(given, name)
    return text === undefined ? undefined : (parseCursor(text) ?? undefined)
  }
  const from = cursor('from')
  const to = cursor('to')
  if (from !== undefined && to !== undefined && from.seq > to.seq) {
    throw usageProblem('--from lies behind --to: there is nothing in between.')
  }
  return {
    ref: { tenant, session },
    speed: speedOf(given.text('speed') ?? '1x'),
    from,
    to,
    port: port === undefined ? undefined : Number(port),
  }
}

/** When what is replayed began, in milliseconds of the Unix clock. */
async function beginning(recording: Recording, after: number, until: number, signal: AbortSignal): Promise<number> {
  for await (const event of recording.read(after, until, signal)) {
    const ms = timeOf(event)
    if (ms !== undefined) return ms
  }
  return 0
}

async function toTerminal(
  { given, output, signal }: Context,
  recording: Recording,
  playback: Playback,
  after: number,
  until: number,
): Promise<void> {
  const lines = new EventLines(output, given.flag('events'))
  playback.start()
  try {
    for await (const event of recording.read(after, until, signal)) {
      const ms = playback.msUntil(event)
      if (ms > LONG_PAUSE_MS && output.interactive) {
        lines.end()
        output.note(output.colour('dim', `… ${duration(ms)} until the next event`))
      }
      await pause(ms, signal)
      lines.show(shownBody(event, recording.ref.session))
    }
  } finally {
    lines.end()
  }
}

async function toClients(
  { given, output, signal }: Context,
  recording: Recording,
  playback: Playback,
  until: number,
  { port = 0, speed }: Wanted,
): Promise<void> {
  const windows = new Windows(recording, until)
  const note = (text: string) => output.note(output.colour('dim', text))
  const named = dialectOf(given.text('dialect') ?? 'native')
  const dialect = named && new DialectReplay(named, recording, windows, speed, until, note)
  const server = new ReplayServer({ recording, windows, playback, dialect, until, note }, signal)
  const url = await server.listen(port)
  output.data({ url })
  output.line(named === null ? `${url}/v1/sessions/${recording.ref.session}/events` : `${url}${named.path}`)
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  await server.close()
}
