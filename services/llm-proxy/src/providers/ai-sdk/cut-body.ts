/** The first bytes of a body; the rest is not read, and its connection is closed. */
export function cutBody(maxBytes: number): TransformStream<Uint8Array, Uint8Array> {
  let leftBytes = maxBytes
  return new TransformStream({
    transform: (bytes, controller) => {
      controller.enqueue(bytes.subarray(0, leftBytes))
      leftBytes -= bytes.length
      if (leftBytes <= 0) controller.terminate()
    },
  })
}
