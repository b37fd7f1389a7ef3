const SMALLEST_BOARD = 512
const LARGEST_BOARD = 4096

/**
 * Copies of what came from the socket together with much else: to keep one message must not be to keep the whole chunk.
 * They lie side by side in a few pieces of memory, because each piece costs the garbage collector more than its bytes.
 */
export class Shelf {
  private board = new ArrayBuffer(0)
  private used = 0

  keep(bytes: Uint8Array): Uint8Array {
    const { length } = bytes
    if (bytes.buffer.byteLength <= 4 * length) return bytes
    if (length > LARGEST_BOARD / 4) return new Uint8Array(bytes)
    if (this.used + length > this.board.byteLength) {
      this.board = new ArrayBuffer(Math.min(LARGEST_BOARD, Math.max(SMALLEST_BOARD, 2 * this.board.byteLength, length)))
      this.used = 0
    }
    const kept = new Uint8Array(this.board, this.used, length)
    kept.set(bytes)
    this.used += length
    return kept
  }
}
