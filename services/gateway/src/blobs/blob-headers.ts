/** Shown as they are. What a browser would run, or take apart, is downloaded instead: an SVG may hold a script. */
const SHOWN: ReadonlySet<string> = new Set([
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'image/avif',
  'text/plain',
  'text/markdown',
  'text/csv',
  'application/json',
  'application/pdf',
])

/** A type and no more than a charset: anything else has no business in a header. */
const MEDIA_TYPE =
  /^([a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126})(; ?charset=[a-z0-9_-]{1,40})?$/i

/**
 * What somebody's tool or model has made is served from our own address: whatever it says it is, a browser may neither
 * guess otherwise nor run it.
 */
export function blobHeaders({ mediaType, size }: { mediaType: string; size: number }): Record<string, string> {
  const [whole = 'application/octet-stream', type = ''] = MEDIA_TYPE.exec(mediaType) ?? []
  return {
    'content-type': whole,
    'content-length': String(size),
    'content-disposition': SHOWN.has(type.toLowerCase()) ? 'inline' : 'attachment',
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    // An erased session must not live on in a cache.
    'cache-control': 'private, no-store',
  }
}
