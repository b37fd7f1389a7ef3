import type { IncomingMessage } from 'node:http'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { ToolError } from '../../tool-error.ts'
import { isTextType } from './is-text-type.ts'

export interface ReadText {
  readonly contentType: string | null
  readonly text: string
  readonly truncated: boolean
}

/** The body as text, no more of it than `maxBytes` after unpacking; the rest is never read. */
export async function readText(response: IncomingMessage, maxBytes: number): Promise<ReadText> {
  try {
    const contentType = response.headers['content-type'] ?? null
    const [mediaType = '', ...parameters] = (contentType ?? '').toLowerCase().split(';')
    if (mediaType !== '' && !isTextType(mediaType.trim())) throw notText(mediaType.trim())
    const { bytes, truncated } = await readUpTo(unpacked(response), maxBytes)
    if (bytes.includes(0) && !isUtf16(parameters)) throw notText(mediaType.trim() || 'of no type')
    return { contentType, text: decode(bytes, parameters), truncated }
  } finally {
    response.destroy()
  }
}

function unpacked(response: IncomingMessage): Readable {
  const encoding = response.headers['content-encoding']?.toLowerCase() ?? 'identity'
  if (encoding === 'identity') return response
  if (encoding === 'gzip' || encoding === 'x-gzip') return pipeline(response, createGunzip(), () => {})
  throw new ToolError('not_text', `The answer is packed in a way that was not asked for (${encoding.slice(0, 50)}).`)
}

async function readUpTo(stream: Readable, maxBytes: number): Promise<{ bytes: Buffer; truncated: boolean }> {
  const chunks: Buffer[] = []
  let size = 0
  // Leaving the loop early destroys the stream.
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size > maxBytes) break
  }
  return { bytes: Buffer.concat(chunks).subarray(0, maxBytes), truncated: size > maxBytes }
}

function decode(bytes: Buffer, parameters: readonly string[]): string {
  try {
    return new TextDecoder(charsetOf(parameters) ?? 'utf-8').decode(bytes)
  } catch {
    return new TextDecoder().decode(bytes)
  }
}

const isUtf16 = (parameters: readonly string[]) => charsetOf(parameters)?.startsWith('utf-16') ?? false

function charsetOf(parameters: readonly string[]): string | undefined {
  const charset = parameters.map((parameter) => /^\s*charset="?([\w-]+)"?\s*$/.exec(parameter)?.[1])
  return charset.find((name) => name !== undefined)
}

const notText = (type: string) =>
  new ToolError('not_text', `The answer is not text (${type.slice(0, 100)}), so it is not read.`)
