export interface InlineData {
  readonly base64: string
  /** Undefined where the URL does not say. */
  readonly mediaType: string | undefined
}

/** What a `data:` URL holds; undefined for every other. */
export function inlineData(url: string): InlineData | undefined {
  const comma = url.indexOf(',')
  if (comma === -1 || !/^data:/i.test(url)) return undefined
  const [type = '', ...parameters] = url.slice('data:'.length, comma).split(';')
  const data = url.slice(comma + 1)
  const isBase64 = parameters.at(-1)?.trim().toLowerCase() === 'base64'
  return {
    base64: isBase64 ? data : Buffer.from(percentDecoded(data)).toString('base64'),
    mediaType: type === '' ? undefined : type.toLowerCase(),
  }
}

/** As it stands where it is no good encoding. */
function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
