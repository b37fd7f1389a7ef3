import { ProviderError } from '../provider-error.ts'

const newline = 0x0a

/** A `fetch` whose answers may hold no line longer than this: the parser behind it would collect any number of bytes. */
export function limitLines(maxLineBytes: number): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init)
    if (!response.body) return response
    let lineBytes = 0
    const limited = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform: (bytes, controller) => {
          const end = bytes.lastIndexOf(newline)
          const longest = lineBytes + (end === -1 ? bytes.length : bytes.indexOf(newline))
          lineBytes = end === -1 ? lineBytes + bytes.length : bytes.length - end - 1
          if (longest <= maxLineBytes && lineBytes <= maxLineBytes) controller.enqueue(bytes)
          else controller.error(tooLong(maxLineBytes))
        },
      }),
    )
    return new Response(limited, response)
  }
}

const tooLong = (maxLineBytes: number) =>
  new ProviderError('provider_broken', `The provider sent a line of more than ${maxLineBytes} bytes.`)
