import type { Readable } from 'node:stream'

/** The beginning and the end of an output, of which the middle may be any length. */
export class KeptOutput {
  /** All of it, kept or not. */
  bytes = 0
  private head = Buffer.alloc(0)
  private tail = Buffer.alloc(0)

  constructor(
    stream: Readable,
    private readonly maxBytes: number,
    private readonly onBytes: () => void,
  ) {
    stream.on('data', (chunk: Buffer) => this.take(chunk))
  }

  text(): string {
    const kept = this.head.length + this.tail.length
    if (this.bytes <= kept) return clean(Buffer.concat([this.head, this.tail]))
    return `${clean(this.head)}\n[… ${this.bytes - kept} bytes left out …]\n${clean(this.tail)}`
  }

  private take(chunk: Buffer): void {
    this.bytes += chunk.length
    const room = this.maxBytes / 2 - this.head.length
    if (room > 0) this.head = Buffer.concat([this.head, chunk.subarray(0, room)])
    const rest = chunk.subarray(Math.max(0, room))
    if (rest.length > 0) this.tail = Buffer.concat([this.tail, rest]).subarray(-this.maxBytes / 2)
    this.onBytes()
  }
}

const clean = (bytes: Buffer) => new TextDecoder().decode(bytes)
