import type { Transform } from 'node:stream'
import { constants, createBrotliCompress, createGzip, createZstdCompress } from 'node:zlib'

export type Encoding = 'zstd' | 'br' | 'gzip'

/** Among equals the one that costs least for what it saves. */
const OURS: readonly Encoding[] = ['zstd', 'br', 'gzip']

/** What the client's `Accept-Encoding` (RFC 9110) wants most of what we have; `null`: nothing. */
export function preferredEncoding(accepted: string | undefined): Encoding | null {
  const weights = new Map<string, number>()
  for (const part of (accepted ?? '').toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((word) => word.trim())
    const weight = parameters.find((parameter) => parameter.startsWith('q='))
    weights.set(name, weight === undefined ? 1 : Number(weight.slice(2)) || 0)
  }
  const plain = weights.get('identity') ?? 0
  const wanted = OURS.filter((encoding) => (weights.get(encoding) ?? 0) > plain)
  return wanted.toSorted((one, other) => weights.get(other)! - weights.get(one)!)[0] ?? null
}

/** Each write is flushed: a frame that waits for the next one to be compressed with is a token that comes late. */
export function encoderOf(encoding: Encoding): Transform {
  switch (encoding) {
    case 'zstd':
      return createZstdCompress({
        flush: constants.ZSTD_e_flush,
        params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_windowLog]: 16 },
      })
    case 'br':
      return createBrotliCompress({
        flush: constants.BROTLI_OPERATION_FLUSH,
        params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_LGWIN]: 16 },
      })
    case 'gzip':
      return createGzip({ flush: constants.Z_SYNC_FLUSH })
  }
}
