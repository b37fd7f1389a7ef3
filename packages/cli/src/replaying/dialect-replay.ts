import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Dialect, type Opening, written } from '@spool/dialects'
import { type Cursor, languageOf, parseCursor } from '@spool/events'
import { CursorLost } from '@spool/log'
import { DialectEncoder } from './dialect-encoder.ts'
import { Refused, wishOf } from './dialect-requests.ts'
import { drained, KEEP_ALIVE_MS, openStream } from './answering.ts'
import { pause, Playback, timeOf } from './playback.ts'
import type { Recording } from './recording.ts'
import type { Windows } from './windows.ts'

interface Asked {
  readonly run: string
  readonly after: number
  readonly opening: Opening<unknown>
  /** What the client had cannot be continued. */
  readonly isLost?: boolean
}

/**
 * A recorded session in the words of a dialect. Each message that is sent is answered by the next run of the recording,
 * whatever it says; when all have been told, by the last one. Time begins anew with each.
 */
export class DialectReplay {
  private readonly playbacks = new Map<string, Playback>()
  private told = 0

  constructor(
    readonly dialect: Dialect,
    private readonly recording: Recording,
    private readonly windows: Windows,
    private readonly speed: number,
    private readonly until: number,
    private readonly note: (text: string) => void,
  ) {}

  async answer(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    parameters: Record<string, string>,
    signal: AbortSignal,
  ): Promise<void> {
    const id = request.headers['last-event-id']
    const isNew = request.method === 'POST' && id === undefined
    const asked = isNew
      ? await this.asNew(request, response, parameters, signal)
      : await this.asBefore(String(id ?? url.searchParams.get('after') ?? ''), url, signal)
    if (asked !== null) await this.stream(response, asked, signal)
  }

  private async asNew(
    request: IncomingMessage,
    response: ServerResponse,
    parameters: Record<string, string>,
    signal: AbortSignal,
  ): Promise<Asked | null> {
    const wish = await wishOf(this.dialect, request, parameters)
    const { session } = this.recording.ref
    if (wish.kind === 'answer') {
      // What was answered was recorded, too: the run's own stream goes on as it did.
      openStream(response).end(written(wish.told('accepted', { session, language: languageOf(wish.language) })))
      return null
    }
    const runs = await this.windows.runs(signal)
    const run = runs[Math.min(this.told++, runs.length - 1)]
    if (run === undefined) throw new Refused(404, 'run_not_found', 'Nothing was answered in this recording.')
    return { run, after: 0, opening: this.opening(wish.options, wish.language) }
  }

  private async asBefore(text: string, url: URL, signal: AbortSignal): Promise<Asked> {
    const given = Object.fromEntries(url.searchParams)
    const { session } = this.recording.ref
    if (given['session_id'] !== undefined && given['session_id'] !== session) {
      throw new Refused(404, 'session_not_found', `There is no session ${given['session_id']}.`)
    }
    const cursor = parseCursor(text)
    if (cursor === null) throw new Refused(400, 'malformed_cursor', 'A cursor is what a stream sends as `id`.')
    const opening = this.opening(this.dialect.options(given), given['language'])
    const isLost = cursor.seq > 0 && !(await this.has(cursor))
    const run = await this.runAt(isLost || cursor.seq === 0 ? this.until : cursor.seq, signal)
    if (run === null) throw new Refused(404, 'run_not_found', 'Nothing was answered in this recording.')
    return { run, after: cursor.seq, opening, isLost }
  }

  private opening(options: unknown, language: string | undefined): Opening<unknown> {
    const { session } = this.recording.ref
    const named = language === undefined ? undefined : languageOf(language)
    return { session, options, language: named, openedAt: Date.now() }
  }

  private async has(cursor: Cursor): Promise<boolean> {
    try {
      await this.recording.check(cursor)
      return true
    } catch (error) {
      if (error instanceof CursorLost) return false
      throw error
    }
  }

  private async runAt(seq: number, signal: AbortSignal): Promise<string | null> {
    let run: string | null = null
    for await (const event of this.recording.read(0, seq, signal)) {
      if (event.type !== 'run.queued') run = event.event()?.run ?? run
    }
    return run
  }

  private async stream(response: ServerResponse, asked: Asked, signal: AbortSignal): Promise<void> {
    const { run, after, opening, isLost = false } = asked
    const window = await this.windows.of(run, signal)
    if (window === null) throw new Refused(404, 'run_not_found', `There is no run ${run} in this session.`)
    const encoder = new DialectEncoder(this.dialect, opening, run, Math.min(after, window.last ?? after))
    response.setHeader('x-spool-run', run)
    openStream(response)
    response.write(encoder.beginning)
    this.note(`${this.dialect.name}: run ${run}${after > 0 ? ` from ${after}` : ''}`)
    if (isLost) return void response.end(encoder.close('reset'))
    const keepAlive = setInterval(() => response.write(encoder.beat()), encoder.beatMs(KEEP_ALIVE_MS))
    const selection = window.select()
    try {
      for await (const event of this.recording.read(window.before, this.until, signal)) {
        const place = selection.take(event)
        if (place === 'skip') continue
        if (event.seq > after) await pause(this.playbackOf(run, timeOf(event)).msUntil(event), signal)
        const text = encoder.take(event)
        if (text !== '' && !response.write(text)) await drained(response, signal)
        if (place === 'last' || encoder.over) return void response.end(encoder.close('finished'))
      }
      // The run goes on, but what came of it was not recorded any more: the client is to come back.
      response.destroy()
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      clearInterval(keepAlive)
    }
  }

  /** Who comes back is told at once what has been told before. */
  private playbackOf(run: string, beganMs: number | undefined): Playback {
    const known = this.playbacks.get(run)
    if (known !== undefined) return known
    const playback = new Playback(this.speed, 0, beganMs ?? 0)
    playback.start()
    this.playbacks.set(run, playback)
    return playback
  }
}
