import { ProviderError } from '../provider-error.ts'
import type { LineLimit } from './line-limit.ts'

/**
 * The body of an answer within a limit, and at its end where its connection breaks. The SDK's packages say how an answer
 * ended only once its body is over: torn after the model's last word, a whole answer would be taken for half of one, and
 * asked for again. One that is torn before that has no end, and they say so.
 */
export function answerBody(body: ReadableStream<Uint8Array>, limit: LineLimit): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { value } = await reader.read().catch(() => ({ value: undefined }))
        if (value === undefined) return controller.close()
        if (limit.allows(value)) return controller.enqueue(value)
        controller.error(tooLong(limit))
        await reader.cancel()
      },
      cancel: (reason) => reader.cancel(reason),
    },
    // Nothing is read ahead of the reader.
    { highWaterMark: 0 },
  )
}

const tooLong = ({ maxBytes }: LineLimit) =>
  new ProviderError('provider_broken', `The provider sent a line of more than ${maxBytes} bytes.`)
