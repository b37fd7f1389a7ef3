/**
 * The body of an answer, at its end where its connection breaks. The SDK's packages say how an answer ended only once
 * its body is over: torn after the model's last word, a whole answer would be taken for half of one, and asked for
 * again. One that is torn before that has no end, and they say so.
 */
export function endWhereTorn(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { value } = await reader.read().catch(() => ({ value: undefined }))
        if (value === undefined) controller.close()
        else controller.enqueue(value)
      },
      cancel: (reason) => reader.cancel(reason),
    },
    // Nothing is read ahead of the reader.
    { highWaterMark: 0 },
  )
}
