import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { BEGINNING, type Cursor, formatCursor, parseCursor } from '@spool/events'
import { CursorLost, frameOf, type Selection, WholeSession } from '@spool/log'
import { unavailable } from '../problem.ts'
import { drained, KEEP_ALIVE_MS, openStream, problem } from './answering.ts'
import type { DialectReplay } from './dialect-replay.ts'
import { parametersIn, Refused } from './dialect-requests.ts'
import { pause, type Playback } from './playback.ts'
import type { Recording } from './recording.ts'
import type { Windows } from './windows.ts'

/** This machine, by names that nobody elsewhere can give to it. */
const HERE = /^(?:https?:\/\/)?(?:(?:[a-z0-9-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i
const PATH = /^\/v1\/sessions\/([^/]+)(?:\/runs\/([^/]+))?\/events$/

export interface Replayed {
  readonly recording: Recording
  readonly windows: Windows
  readonly playback: Playback
  /** Beside the calls of Spool's own. */
  readonly dialect: DialectReplay | null
  /** The position up to which it is played. */
  readonly until: number
  readonly note: (text: string) => void
}

/** What a stream is to carry. */
interface Wanted {
  readonly after: number
  readonly selection: Selection
  /** To be sent first, where the client's cursor cannot be continued. */
  readonly reset?: string
  /** Nothing follows. */
  readonly isOver?: boolean
}

/** Says to clients what a gateway would have said to them, at the pace at which it was recorded. */
export class ReplayServer {
  private readonly server: Server
  private clients = 0

  constructor(
    private readonly replayed: Replayed,
    private readonly signal: AbortSignal,
  ) {
    this.server = createServer((request, response) => {
      this.answer(request, response).catch((error: unknown) => {
        if (!response.headersSent) problem(response, ...inWords(error))
        // A client that notices that it was not the end comes back.
        else response.destroy()
      })
    })
  }

  /** The address, once it listens. */
  async listen(port: number): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', (error) => reject(unavailable(`Port ${port} cannot be used: ${error.message}`)))
      this.server.listen(port, '127.0.0.1', resolve)
    })
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve())
      this.server.closeAllConnections()
    })
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Nobody has to have a key. So a page that is open beside it must not read along, whatever it calls this machine.
    if (!HERE.test(request.headers.host ?? '')) {
      return problem(
        response,
        421,
        'not_here',
        'A replay is there for this machine: ask localhost or 127.0.0.1 for it.',
      )
    }
    // A page under test is served from another port.
    const { origin = '' } = request.headers
    response.setHeader('vary', 'origin')
    if (HERE.test(origin)) response.setHeader('access-control-allow-origin', origin)
    response.setHeader('access-control-expose-headers', 'x-spool-session, x-spool-run')
    if (request.method === 'OPTIONS') {
      response.writeHead(204, {
        'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '*',
      })
      response.end()
      return
    }
    const url = new URL(request.url ?? '/', 'http://localhost')
    if (await this.inDialect(request, response, url)) return
    const [, session, run] = PATH.exec(url.pathname) ?? []
    if (session === undefined || request.method !== 'GET') {
      return problem(response, 404, 'not_found', 'A replay only has GET /v1/sessions/{s}/events and …/runs/{r}/events.')
    }
    if (session !== this.replayed.recording.ref.session) {
      return problem(response, 404, 'session_not_found', `There is no session ${session}.`)
    }
    const cursor = parseCursor(String(request.headers['last-event-id'] ?? url.searchParams.get('after') ?? ''))
    if (cursor === null) return problem(response, 400, 'malformed_cursor', 'A cursor is what a stream sends as `id`.')
    const left = new AbortController()
    response.once('close', () => left.abort())
    const signal = AbortSignal.any([left.signal, this.signal])
    this.replayed.playback.start()
    response.setHeader('x-spool-session', session)
    const wanted =
      run === undefined ? await this.ofSession(cursor, signal) : await this.ofRun(response, run, cursor, signal)
    if (wanted !== null) await this.stream(response, wanted, signal)
  }

  /** `false`: the call is none of the dialect's. */
  private async inDialect(request: IncomingMessage, response: ServerResponse, url: URL): Promise<boolean> {
    const { dialect, recording } = this.replayed
    const parameters = dialect === null ? null : parametersIn(dialect.dialect, url.pathname)
    if (dialect === null || parameters === null) return false
    const left = new AbortController()
    response.once('close', () => left.abort())
    response.setHeader('x-spool-session', recording.ref.session)
    const signal = AbortSignal.any([left.signal, this.signal])
    await dialect.answer(request, response, url, parameters, signal).catch((error: unknown) => {
      if (!(error instanceof Refused)) throw error
      problem(response, error.status, error.code, error.message)
    })
    return true
  }

  private async ofSession(cursor: Cursor, signal: AbortSignal): Promise<Wanted> {
    return { ...(await this.from(cursor, signal)), selection: new WholeSession() }
  }

  private async ofRun(
    response: ServerResponse,
    run: string,
    cursor: Cursor,
    signal: AbortSignal,
  ): Promise<Wanted | null> {
    response.setHeader('x-spool-run', run)
    const window = await this.replayed.windows.of(run, signal)
    if (window === null) {
      problem(response, 404, 'run_not_found', `There is no run ${run} in this session.`)
      return null
    }
    if (window.last !== null && cursor.seq >= window.last) {
      response.writeHead(204).end()
      return null
    }
    // Who has nothing of it yet begins at its beginning.
    if (cursor.seq <= window.before) return { after: window.before, selection: window.select() }
    const { after, reset } = await this.from(cursor, signal)
    return {
      after: Math.max(after, window.before),
      selection: window.select(),
      ...(reset !== undefined && { reset, isOver: window.last !== null && after >= window.last }),
    }
  }

  /** As a gateway: never a silent skip. The client hears why, and goes on from where the session is by now. */
  private async from(cursor: Cursor, signal: AbortSignal): Promise<Pick<Wanted, 'after' | 'reset'>> {
    const { recording } = this.replayed
    try {
      await recording.check(cursor)
      return { after: cursor.seq }
    } catch (error) {
      if (!(error instanceof CursorLost)) throw error
      const here = await this.playedUpTo(signal)
      const at = formatCursor(here)
      // Of its state a replay knows whose it is, and no more.
      const data = JSON.stringify({ reason: error.reason, cursor: at, session: { id: recording.ref.session } })
      return { after: here.seq, reset: `id: ${at}\nevent: reset\ndata: ${data}\n\n` }
    }
  }

  /** The last event that whoever follows has been told by now. */
  private async playedUpTo(signal: AbortSignal): Promise<Cursor> {
    const { recording, playback, until } = this.replayed
    let last = BEGINNING
    for await (const event of recording.read(0, until, signal)) {
      if (playback.msUntil(event) > 0) break
      last = event
    }
    return { epoch: last.epoch, seq: last.seq }
  }

  private async stream(response: ServerResponse, wanted: Wanted, signal: AbortSignal): Promise<void> {
    const { after, selection, reset, isOver = false } = wanted
    const { recording, playback, until, note } = this.replayed
    const client = `Client ${++this.clients}`
    note(`${client} follows from ${after}${reset === undefined ? '' : ', after a reset'}`)
    openStream(response)
    if (reset !== undefined) response.write(reset)
    if (isOver) {
      response.end()
      return
    }
    const keepAlive = setInterval(() => response.write(': \n\n'), KEEP_ALIVE_MS)
    try {
      for await (const event of recording.read(after, until, signal)) {
        const place = selection.take(event)
        if (place === 'skip') continue
        await pause(playback.msUntil(event), signal)
        if (!response.write(frameOf(event, recording.ref.session))) await drained(response, signal)
        if (place === 'last') {
          note(`${client} has it all`)
          response.end()
          return
        }
      }
      note(`${client} has it all; the session is left open, as one that is idle`)
      await gone(signal)
    } catch (error) {
      if (!signal.aborted) throw error
      note(`${client} has left`)
    } finally {
      clearInterval(keepAlive)
    }
  }
}

function gone(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason as Error)
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
}

function inWords(error: unknown): [status: number, code: string, detail: string] {
  const detail = error instanceof Error ? error.message : String(error)
  return [500, 'internal', detail]
}
