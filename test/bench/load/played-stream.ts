import type { Lateness } from '../lateness.ts'
import { Connection } from './connection.ts'
import type { Play } from './load-commands.ts'
import { TokenCheck } from './token-check.ts'
import type { Reading, Request } from './wire.ts'

const COMES_BACK_AFTER_MS = 50

/** Of the tokens that count, of all streams. */
export interface Counts {
  /** Between the making of a token and its reading. */
  readonly lateness: Lateness
  /** Server-sent events with such tokens. */
  events: number
}

/** One client and its stream. It comes back whenever its connection is lost. */
export class PlayedStream {
  done = false
  lostConnections = 0
  readonly check = new TokenCheck()
  private problem: string | undefined
  private connection: Connection | null = null
  private isCut = false
  private countsFrom: number
  private asked: number
  private readonly play: Play
  private readonly reading: Reading
  private readonly counts: Counts

  constructor(play: Play, index: number, reading: Reading, counts: Counts) {
    this.asked = index
    this.play = play
    this.reading = reading
    this.counts = counts
    this.countsFrom = play.resumed ? Infinity : play.from
  }

  get fault(): string | undefined {
    const { count, problem } = this.check
    const missing = this.done && count !== this.play.tokens ? `${count} tokens of ${this.play.tokens}` : undefined
    return this.problem ?? problem ?? this.reading.problems[0] ?? missing
  }

  begin(): void {
    this.ask(this.reading.begin())
  }

  /** As a network does it, from one moment to the next; but not before there is something to come back to. */
  cut(): void {
    if (this.done) return
    if (this.check.count === 0) {
      setTimeout(() => this.cut(), COMES_BACK_AFTER_MS)
      return
    }
    this.isCut = true
    this.drop()
    this.comeBack()
  }

  drop(): void {
    this.connection?.cut()
    this.connection = null
  }

  private comeBack(): void {
    const request = () => (this.check.count > 0 ? this.reading.resume() : this.reading.begin())
    setTimeout(() => this.ask(request()), COMES_BACK_AFTER_MS)
  }

  private ask(request: Request): void {
    const { urls } = this.play
    this.connection = new Connection(request.url ?? urls[this.asked++ % urls.length]!, request, {
      head: (head, at) => this.takeHead(request, head, at),
      frame: (frame, at) => this.takeFrame(frame, at),
      ended: (whole) => this.takeEnd(whole),
    })
  }

  private takeHead(request: Request, head: string, at: number): void {
    this.reading.opened(head)
    const refused = !head.startsWith('HTTP/1.1 20')
    if (refused) {
      this.problem ??= head.slice(0, head.indexOf('\r\n'))
      this.drop()
    } else if (request.isPointer === true) {
      this.drop()
      this.ask(this.reading.resume())
    } else if (this.isCut) {
      this.countsFrom = Math.max(this.play.from, at)
    }
  }

  private takeEnd(whole: boolean): void {
    this.done = whole && this.check.count >= this.play.tokens
    if (this.done || this.problem !== undefined) return
    this.lostConnections++
    this.comeBack()
  }

  private takeFrame(frame: string, at: number): void {
    const tokens = this.reading.take(frame)
    if (tokens === '') return
    const { lateness } = this.counts
    const countedBefore = lateness.count
    this.check.take(tokens, (made) => {
      if (made >= this.countsFrom && made < this.play.until) lateness.add(at - made)
    })
    if (lateness.count > countedBefore) this.counts.events++
  }
}
