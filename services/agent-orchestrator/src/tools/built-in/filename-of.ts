/** Most file systems take 255 bytes; this leaves room for what others put around it. */
const MAX_BYTES = 120

/** Names that Windows keeps for devices, whatever their extension. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)$/

/** A name that every file system takes: letters (of any script) and digits of the title, joined by `-`. */
export function filenameOf(title: string, extension: string): string {
  const words = title
    .normalize('NFKC')
    .toLowerCase()
    .match(/[\p{L}\p{N}\p{M}]+/gu)
  const slug = shortened((words ?? []).join('-'))
  return `${slug === '' || RESERVED.test(slug) ? `document${slug && `-${slug}`}` : slug}.${extension}`
}

function shortened(slug: string): string {
  let bytes = 0
  let end = 0
  for (const { segment } of new Intl.Segmenter().segment(slug)) {
    bytes += Buffer.byteLength(segment)
    if (bytes > MAX_BYTES) break
    end += segment.length
  }
  return slug.slice(0, end).replace(/-+$/, '')
}
