/** A request as it goes over the wire, whether or not it is one. */
export interface RawRequest {
  method: string
  /** Path and query, as they are written. */
  target: string
  version: string
  headers: [name: string, value: string][]
  body: Buffer | null
  /** How the body goes out. */
  framing: Framing
  /** Sent on the same connection without waiting for an answer. */
  behind: number
  /** What was done to it, for the report. */
  mutations: string[]
}

export type Framing =
  /** In one piece, with its length. */
  | 'whole'
  | 'chunked'
  /** Byte by byte. */
  | 'dripped'
  /** The connection ends in the middle. */
  | 'cut off'
  /** Chunks that are none. */
  | 'bad chunks'

/** Its head and its body as bytes; a header may hold what is no header. */
export function wireOf(request: RawRequest): { head: Buffer; pieces: Buffer[] } {
  const { method, target, version, framing, body } = request
  const headers = [...request.headers]
  const has = (name: string) => headers.some(([known]) => known.toLowerCase() === name)
  if (body !== null && !has('content-length') && !has('transfer-encoding')) {
    const isChunked = framing === 'chunked' || framing === 'bad chunks'
    headers.push(isChunked ? ['transfer-encoding', 'chunked'] : ['content-length', String(body.length)])
  }
  const lines = [
    `${method} ${target}${version === '' ? '' : ` ${version}`}`,
    ...headers.map((header) => header.join(': ')),
  ]
  return {
    head: Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'),
    pieces: body === null ? [] : framed(body, framing),
  }
}

function framed(body: Buffer, framing: Framing): Buffer[] {
  switch (framing) {
    case 'whole':
      return [body]
    case 'chunked': {
      const half = Math.floor(body.length / 2)
      return [chunk(body.subarray(0, half)), chunk(body.subarray(half)), Buffer.from('0\r\n\r\n')]
    }
    case 'bad chunks':
      return [Buffer.from(`fffffffffffffffff\r\n${body.subarray(0, 64).toString('latin1')}\r\nnonsense\r\n`, 'latin1')]
    case 'dripped':
      return Array.from({ length: Math.min(body.length, 20) }, (_, index, all = Math.ceil(body.length / 20)) =>
        body.subarray(index * all, (index + 1) * all),
      )
    case 'cut off':
      return [body.subarray(0, Math.floor(body.length / 2))]
  }
}

function chunk(bytes: Buffer): Buffer {
  if (bytes.length === 0) return bytes
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)};name=value\r\n`), bytes, Buffer.from('\r\n')])
}
