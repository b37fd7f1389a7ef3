import type { IncomingMessage } from 'node:http'

const MAX_BYTES = 16 * 1024 * 1024
const MAX_MS = 5000

/**
 * Takes what is left of a body and throws it away, within reason: a client that is still sending when its connection
 * is closed under it never reads why it was refused.
 */
export function discardBody(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0
    const done = () => {
      clearTimeout(timer)
      request.off('data', count)
      resolve()
    }
    const count = (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > MAX_BYTES) done()
    }
    const timer = setTimeout(done, MAX_MS)
    request.on('data', count).once('end', done).once('close', done)
    request.resume()
  })
}
