import { request } from 'node:http'

export interface Resumed {
  firstByteMs: number
  allMs: number
  body: Buffer
}

/** Reads a stream over a connection of its own until the event at a position has come. */
export function readUntil(url: string, last: number, headers: Record<string, string> = {}): Promise<Resumed> {
  const end = Buffer.from(`id: 1-${last}\n`)
  return new Promise((resolve, reject) => {
    const startedAt = performance.now()
    let firstByteMs = 0
    const body: Buffer[] = []
    const asking = request(url, { headers, agent: false }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`))
      response.on('data', (chunk: Buffer) => {
        firstByteMs ||= performance.now() - startedAt
        body.push(chunk)
        // The last frame may be cut anywhere; the end of it comes with the next chunk, a moment later.
        if (!Buffer.concat(body.slice(-2)).includes(end)) return
        resolve({ firstByteMs, allMs: performance.now() - startedAt, body: Buffer.concat(body) })
        asking.destroy()
      })
    })
    asking.on('error', reject)
    asking.end()
  })
}
