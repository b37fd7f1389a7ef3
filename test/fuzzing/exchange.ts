import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type RawAnswer, readAnswer } from './raw-answer.ts'
import { type RawRequest, wireOf } from './raw-request.ts'

export type Outcome =
  | { kind: 'answered'; answers: RawAnswer[]; ms: number }
  /** The connection was closed without a word. */
  | { kind: 'closed'; ms: number }
  | { kind: 'hung'; ms: number; soFar: string }
  | { kind: 'no http'; ms: number; soFar: string }

export interface ExchangeOptions {
  readonly port: number
  /** Whoever has not answered by then hangs. */
  readonly giveUpMs: number
  /** How long a stream is read that does not end. */
  readonly streamMs: number
}

/** One connection, one request or several in a row, and what came back. */
export async function exchange(requests: readonly RawRequest[], options: ExchangeOptions): Promise<Outcome> {
  const startedAt = performance.now()
  const socket = connect(options.port, '127.0.0.1')
  socket.setNoDelay(true)
  const reading = new Reading(socket, requests)
  try {
    await Promise.race([once(socket, 'connect'), reading.over])
    void write(socket, requests)
    const end = await Promise.race([
      reading.over,
      sleep(options.giveUpMs, 'hung' as const, { ref: false }),
      reading.streams(options.streamMs),
    ])
    const ms = performance.now() - startedAt
    if (end === 'hung') return { kind: 'hung', ms, soFar: reading.soFar }
    if (end === 'no http') return { kind: 'no http', ms, soFar: reading.soFar }
    return reading.answers.length === 0 ? { kind: 'closed', ms } : { kind: 'answered', answers: reading.answers, ms }
  } finally {
    socket.destroy()
  }
}

async function write(socket: Socket, requests: readonly RawRequest[]): Promise<void> {
  for (const request of requests) {
    const { head, pieces } = wireOf(request)
    if (socket.destroyed) return
    socket.write(head)
    for (const piece of pieces) {
      if (socket.destroyed) return
      socket.write(piece)
      if (request.framing === 'dripped') await sleep(5)
    }
    if (request.framing === 'cut off') socket.end()
  }
}

/** Takes answers from a connection as they come. */
class Reading {
  readonly answers: RawAnswer[] = []
  readonly over: Promise<'over' | 'no http'>
  private bytes: Buffer = Buffer.alloc(0)
  private readonly requests: readonly RawRequest[]
  private isStreaming: (() => void) | null = null

  constructor(socket: Socket, requests: readonly RawRequest[]) {
    this.requests = requests
    const over = Promise.withResolvers<'over' | 'no http'>()
    this.over = over.promise
    const look = (hasEnded: boolean) => {
      try {
        if (this.take(hasEnded) || hasEnded) over.resolve('over')
      } catch {
        over.resolve('no http')
      }
    }
    socket.on('data', (data) => {
      this.bytes = Buffer.concat([this.bytes, data])
      look(false)
    })
    socket.on('error', () => look(true))
    socket.on('end', () => look(true))
    socket.on('close', () => look(true))
  }

  get soFar(): string {
    return this.bytes.toString('latin1').slice(0, 500)
  }

  /** Resolves a while after an answer has begun that has no end. */
  async streams(ms: number): Promise<'over'> {
    const begun = Promise.withResolvers<void>()
    this.isStreaming = begun.resolve
    await begun.promise
    await sleep(ms, undefined, { ref: false })
    const last = readAnswer(this.bytes, 'GET', false)
    if (last !== null) this.answers.push(last)
    return 'over'
  }

  /** `true`: there is one for each request. */
  private take(hasEnded: boolean): boolean {
    while (this.answers.length < this.requests.length) {
      const { method } = this.requests[this.answers.length]!
      const answer = readAnswer(this.bytes, method, hasEnded)
      if (answer === null) return false
      if (!answer.isWhole && !hasEnded) {
        if (isEndless(answer)) this.isStreaming?.()
        return false
      }
      this.answers.push(answer)
      this.bytes = answer.rest
    }
    return true
  }
}

function isEndless({ status, headers }: RawAnswer): boolean {
  return status === 101 || headers.get('content-type')?.startsWith('text/event-stream') === true
}
