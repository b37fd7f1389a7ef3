import { setImmediate as nextTurn } from 'node:timers/promises'

/** How a connection ends: torn, or closed as if nothing more were to come. */
export type Ending = 'reset' | 'end'

/**
 * The body of an answer whose bytes come in these pieces. As from a socket, a reset comes later than the bytes before
 * it: they have been read by then.
 */
export function recordedBody(pieces: readonly Uint8Array[], ending: Ending): ReadableStream<Uint8Array> {
  const some = pieces.filter(({ length }) => length > 0)
  let next = 0
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const piece = some[next++]
        if (piece !== undefined) return controller.enqueue(piece)
        if (ending === 'end') return controller.close()
        await nextTurn()
        // As Node's own fetch says it.
        controller.error(new TypeError('terminated', { cause: new Error('other side closed') }))
      },
    },
    { highWaterMark: 0 },
  )
}
