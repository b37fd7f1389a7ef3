/** The first bytes of a body; the rest is not read, and its connection is closed. */
export function cutBody(body: ReadableStream<Uint8Array>, maxBytes: number): ReadableStream<Uint8Array> {
  let leftBytes = maxBytes
  const cut = new TransformStream<Uint8Array, Uint8Array>({
    transform: (bytes, controller) => {
      controller.enqueue(bytes.subarray(0, leftBytes))
      leftBytes -= bytes.length
      if (leftBytes <= 0) controller.terminate()
    },
  })
  return body.pipeThrough(cut)
}
