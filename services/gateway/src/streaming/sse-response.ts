import type { ServerResponse } from 'node:http'
import type { Transform, Writable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { Caller } from '../admitting/caller.ts'
import { encoderOf, preferredEncoding } from './encoding.ts'
import type { Outlet } from './outlet.ts'

/** What a client waits before it comes back after a cut. */
const RETRY_MS = 1000
/** Clients that we send away together shall not come back together. */
const DRAIN_RETRY_MS = { least: 500, spread: 2500 }
/** How long a client that reads slowly may take to read the end. */
const LAST_WORDS_MS = 2000

/** One client's open stream, as a place to write frames to. It holds nothing back: what has no room is not taken. */
export class SseResponse implements Outlet {
  readonly caller: Caller
  private readonly raw: ServerResponse
  /** What is written goes here: to the socket, or first through the compression that the client asked for. */
  private readonly out: Writable
  private full = false

  /** Sends the status line and the headers. */
  constructor(reply: FastifyReply, headers: Readonly<Record<string, string>> = {}) {
    reply.hijack()
    this.raw = reply.raw
    this.caller = reply.request.caller
    // A response whose client has left may fail late; the close says all there is to say.
    this.raw.on('error', () => undefined)
    const encoding = preferredEncoding(reply.request.headers['accept-encoding'])
    this.out = encoding === null ? this.raw : this.through(encoderOf(encoding))
    this.out.on('drain', () => {
      this.full = false
    })
    this.raw.socket?.setKeepAlive(true, 15_000)
    const given = Object.entries(reply.getHeaders()).filter(([, value]) => value !== undefined)
    this.raw.writeHead(200, {
      ...(Object.fromEntries(given) as Record<string, string>),
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      vary: [reply.getHeader('vary'), 'accept-encoding'].filter(Boolean).join(', '),
      ...(encoding === null ? {} : { 'content-encoding': encoding }),
    })
    this.out.write(`retry: ${RETRY_MS}\n\n`)
  }

  get closed(): boolean {
    return this.raw.destroyed || this.out.writableEnded
  }

  /** `false`: taken, but nothing more until it drains. */
  write(frame: Uint8Array): boolean {
    if (this.closed) return false
    this.full = !this.out.write(frame)
    return !this.full
  }

  /** A sign of life. To a client that does not read, nothing is added. */
  sign(frame: string): void {
    if (!this.closed && !this.full) this.out.write(frame)
  }

  end(): void {
    if (!this.closed) this.out.end()
  }

  /** Ends it because this process ends; the client is to come back to another one. */
  sendAway(): void {
    if (this.closed) return
    const retryMs = DRAIN_RETRY_MS.least + Math.round(Math.random() * DRAIN_RETRY_MS.spread)
    const { socket } = this.raw
    // Kept alive, the connection would keep the server from ending.
    this.raw.once('finish', () => socket?.end())
    this.out.end(`retry: ${retryMs}\n\n`)
    setTimeout(() => this.abort(), LAST_WORDS_MS).unref()
  }

  /** Breaks it off so that the client notices that it was not the end. */
  abort(): void {
    this.raw.destroy()
  }

  onDrain(listener: () => void): void {
    this.out.on('drain', listener)
  }

  /** Not the request's `close`: that comes as soon as its body was read. */
  onClose(listener: () => void): void {
    this.raw.once('close', listener)
    // Not at once: whoever is just being told of it is not there yet.
    if (this.raw.destroyed) queueMicrotask(listener)
  }

  private through(encoder: Transform): Transform {
    encoder.pipe(this.raw)
    encoder.on('error', () => this.abort())
    // A client that has left reads nothing more, and what was compressed for it is not kept.
    this.raw.once('close', () => encoder.destroy())
    return encoder
  }
}
