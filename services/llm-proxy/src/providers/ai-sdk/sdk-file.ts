import type { LanguageModelV4FilePart } from '@ai-sdk/provider'
import { isUrlSupported } from '@ai-sdk/provider-utils'
import type { PromptFile } from '@spool/events'
import { ProviderError } from '../provider-error.ts'
import { inlineData } from './inline-data.ts'

export interface FileTaker {
  readonly provider: string
  /** Which addresses the provider fetches by itself, for each media type. */
  readonly supportedUrls: Record<string, RegExp[]>
}

/**
 * A file of the conversation as the SDK takes it: inline, or by an address that the provider itself fetches. We fetch
 * none: users choose them, and our network may hold what theirs does not.
 */
export function sdkFile(file: PromptFile, { provider, supportedUrls }: FileTaker): LanguageModelV4FilePart {
  const { mediaType, filename, url: address = '' } = file
  const url = URL.parse(address)
  // Left out in silence, the model would answer about something that it never saw.
  if (!url) throw new ProviderError('provider_bad_request', `${nameOf(file)} could not be loaded. Send it again.`)
  const named = filename === undefined ? {} : { filename }
  const inline = inlineData(address)
  if (inline) {
    const type = mediaType.endsWith('/*') ? (inline.mediaType ?? mediaType) : mediaType
    return { type: 'file', mediaType: type, data: { type: 'data', data: inline.base64 }, ...named }
  }
  if (!isUrlSupported({ mediaType, url: address, supportedUrls })) {
    const kind = mediaType.startsWith('image/') ? 'images' : 'such files'
    throw new ProviderError(
      'provider_unsupported',
      `${nameOf(file)} was not sent: ${provider} takes ${kind} only inline. Send it as a data: URL.`,
    )
  }
  return { type: 'file', mediaType, data: { type: 'url', url }, ...named }
}

function nameOf({ filename, mediaType }: PromptFile): string {
  return filename === undefined ? `The file (${mediaType})` : `The file ${JSON.stringify(filename)}`
}
