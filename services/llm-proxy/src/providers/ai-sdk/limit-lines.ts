import { ProviderError } from '../provider-error.ts'

const newline = 0x0a
const carriageReturn = 0x0d

/**
 * Passes on an answer in which no line, and no event of several lines, is longer than this: the parser behind it would
 * collect any number of bytes.
 */
export function limitLines(maxBytes: number, isEventStream: boolean): TransformStream<Uint8Array, Uint8Array> {
  let lineBytes = 0
  let eventBytes = 0
  return new TransformStream({
    transform: (bytes, controller) => {
      let from = 0
      for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, from)) {
        lineBytes += end - from
        const isBlank = lineBytes === 0 || (lineBytes === 1 && bytes[end - 1] === carriageReturn)
        eventBytes = isBlank ? 0 : eventBytes + end - from
        if (lineBytes > maxBytes || (isEventStream && eventBytes > maxBytes)) return controller.error(tooLong(maxBytes))
        lineBytes = 0
        from = end + 1
      }
      lineBytes += bytes.length - from
      eventBytes += bytes.length - from
      if (lineBytes > maxBytes || (isEventStream && eventBytes > maxBytes)) controller.error(tooLong(maxBytes))
      else controller.enqueue(bytes)
    },
  })
}

const tooLong = (maxBytes: number) =>
  new ProviderError('provider_broken', `The provider sent a line of more than ${maxBytes} bytes.`)
