import { SseParser, type SseFrame } from './sse-parser.ts'

export interface FrameReading {
  /** Without a byte for so long the connection is taken for dead. */
  readonly silenceMs: number
  readonly onRetry: (retryMs: number) => void
}

/** The frames of one response, to its end. A connection that breaks looks like one that ends: the cursor decides. */
export async function* readFrames(
  response: Response,
  { silenceMs, onRetry }: FrameReading,
): AsyncGenerator<SseFrame, void, undefined> {
  const reader = response.body?.getReader()
  if (reader === undefined) return
  const parser = new SseParser()
  try {
    for (;;) {
      const chunk = await nextChunk(reader, silenceMs)
      if (chunk === undefined) return
      const frames = parser.push(chunk)
      if (parser.retryMs !== undefined) onRetry(parser.retryMs)
      yield* frames
    }
  } finally {
    // Also when the consumer has had enough: the server is not to go on writing.
    reader.cancel().catch(() => undefined)
  }
}

async function nextChunk(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  silenceMs: number,
): Promise<Uint8Array | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const silence = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), silenceMs)
  })
  try {
    const read = await Promise.race([reader.read(), silence])
    return read?.value
  } catch {
    return undefined
  } finally {
    clearTimeout(timer)
  }
}
