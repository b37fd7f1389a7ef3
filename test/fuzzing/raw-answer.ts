/** An answer as it came over the wire. */
export interface RawAnswer {
  status: number
  headers: Map<string, string>
  body: Buffer
  /** All of it is there; a stream is not. */
  isWhole: boolean
  /** Behind it in the same bytes. */
  rest: Buffer
}

/** Reads the first answer in what has come so far; null: its head is not there yet. Throws where it is no HTTP. */
export function readAnswer(bytes: Buffer, method: string, hasEnded: boolean): RawAnswer | null {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return null
  const [line = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n')
  const [, code] = /^HTTP\/1\.[01] (\d{3}) /.exec(`${line} `) ?? []
  if (code === undefined) throw new Error(`no status line: ${JSON.stringify(line.slice(0, 100))}`)
  const status = Number(code)
  const after = bytes.subarray(end + 4)
  if (status === 100) return readAnswer(after, method, hasEnded)
  const headers = new Map(
    lines.map((header) => {
      const colon = header.indexOf(':')
      return [header.slice(0, colon).toLowerCase(), header.slice(colon + 1).trim()] as const
    }),
  )
  return { status, headers, ...bodyIn(after, status, headers, method, hasEnded) }
}

function bodyIn(bytes: Buffer, status: number, headers: Map<string, string>, method: string, hasEnded: boolean) {
  const nothing = Buffer.alloc(0)
  if (status === 101) return { body: bytes, isWhole: false, rest: nothing }
  if (method === 'HEAD' || status === 204 || status === 304) return { body: nothing, isWhole: true, rest: bytes }
  const length = headers.get('content-length')
  if (length !== undefined) {
    const size = Number(length)
    return { body: bytes.subarray(0, size), isWhole: bytes.length >= size, rest: bytes.subarray(size) }
  }
  if (headers.get('transfer-encoding') === 'chunked') return unchunked(bytes)
  return { body: bytes, isWhole: hasEnded, rest: nothing }
}

function unchunked(bytes: Buffer): { body: Buffer; isWhole: boolean; rest: Buffer } {
  const pieces: Buffer[] = []
  let at = 0
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    const size = lineEnd < 0 ? Number.NaN : Number.parseInt(bytes.subarray(at, lineEnd).toString('latin1'), 16)
    const end = lineEnd + 2 + size
    if (Number.isNaN(size) || bytes.length < end + 2) {
      return { body: Buffer.concat(pieces), isWhole: false, rest: Buffer.alloc(0) }
    }
    if (size === 0) return { body: Buffer.concat(pieces), isWhole: true, rest: bytes.subarray(end + 2) }
    pieces.push(bytes.subarray(lineEnd + 2, end))
    at = end + 2
  }
}
