import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Transform, Writable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { Caller } from '../admitting/caller.ts'
import { encoderOf, preferredEncoding } from './encoding.ts'
import type { Outlet } from './outlet.ts'
import { chunkOf, joined, LAST_CHUNK } from './pieces.ts'
import { takeOver } from './take-over.ts'
import { nameOf } from './tcp-table.ts'

/** What a client waits before it comes back after a cut. */
const RETRY_MS = 1000
/** Clients that we send away together shall not come back together. */
const DRAIN_RETRY_MS = { least: 500, spread: 2500 }
/** How long a client that reads slowly may take to read the end. */
const LAST_WORDS_MS = 2000

/** One client's open stream, as a place to write frames to. It holds nothing back: what has no room is not taken. */
export class SseResponse implements Outlet {
  readonly caller: Caller
  /** The client's connection, where nothing of HTTP is left of it. */
  private readonly socket: Socket | null
  /** What is written goes here: to the connection, or first through the compression that the client asked for. */
  private readonly out: Writable
  /** Whose close is that of the connection. */
  private readonly connection: Socket | ServerResponse
  private full = false
  private drained: (() => void) | undefined

  /** Sends the status line and the headers. */
  constructor(reply: FastifyReply, headers: Readonly<Record<string, string>> = {}) {
    reply.hijack()
    const { raw, request } = reply
    this.caller = request.caller
    // A response whose client has left may fail late; the close says all there is to say.
    raw.on('error', () => undefined)
    raw.socket?.setKeepAlive(true, 15_000)
    const encoding = preferredEncoding(request.headers['accept-encoding'])
    const given = Object.entries(reply.getHeaders()).filter(([, value]) => value !== undefined)
    raw.writeHead(200, {
      ...(Object.fromEntries(given) as Record<string, string>),
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      vary: [reply.getHeader('vary'), 'accept-encoding'].filter(Boolean).join(', '),
      // Nothing comes after a stream on its connection.
      connection: 'close',
      ...(encoding === null ? {} : { 'content-encoding': encoding }),
    })
    raw.flushHeaders()
    this.socket = encoding === null ? takeOver(raw) : null
    this.connection = this.socket ?? raw
    this.out = encoding === null ? this.connection : this.through(encoderOf(encoding), raw)
    this.out.on('drain', () => {
      this.full = false
      this.drained?.()
    })
    this.write(Buffer.from(`retry: ${RETRY_MS}\n\n`))
  }

  get peer(): string {
    const { remoteAddress, remotePort } = this.socket ?? (this.connection as ServerResponse).socket ?? {}
    return nameOf(remoteAddress, remotePort)
  }

  get closed(): boolean {
    return this.connection.destroyed || this.out.writableEnded
  }

  /** `false`: taken, but nothing more until it drains. */
  write(...frames: Uint8Array[]): boolean {
    if (this.closed) return false
    if (frames.every((frame) => frame.length === 0)) return !this.full
    const piece = this.socket === null ? joined(frames) : chunkOf(frames)
    this.full = !this.out.write(piece)
    return !this.full
  }

  /** A sign of life. To a client that does not read, nothing is added. */
  sign(frame: string): void {
    if (!this.full) this.write(Buffer.from(frame))
  }

  end(): void {
    if (this.closed) return
    if (this.socket === null) this.out.end()
    else {
      this.socket.end(LAST_CHUNK)
      this.socket.destroySoon()
    }
  }

  /** Ends it because this process ends; the client is to come back to another one. */
  sendAway(): void {
    if (this.closed) return
    const retryMs = DRAIN_RETRY_MS.least + Math.round(Math.random() * DRAIN_RETRY_MS.spread)
    this.write(Buffer.from(`retry: ${retryMs}\n\n`))
    this.end()
    setTimeout(() => this.abort(), LAST_WORDS_MS).unref()
  }

  /** Breaks it off so that the client notices that it was not the end. */
  abort(): void {
    this.connection.destroy()
  }

  onDrain(listener: () => void): void {
    this.drained = listener
  }

  /** Not the request's `close`: that comes as soon as its body was read. */
  onClose(listener: () => void): void {
    this.connection.once('close', listener)
    // Not at once: whoever is just being told of it is not there yet.
    if (this.connection.destroyed) queueMicrotask(listener)
  }

  private through(encoder: Transform, raw: ServerResponse): Transform {
    encoder.pipe(raw)
    encoder.on('error', () => this.abort())
    // A client that has left reads nothing more, and what was compressed for it is not kept.
    raw.once('close', () => encoder.destroy())
    return encoder
  }
}
