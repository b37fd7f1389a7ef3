/** One press of Ctrl-C can arrive twice: from the terminal and, passed on, from npm. */
const samePressMs = 500

/** Longer than this a stop does not take. */
const stopWithinMs = 30_000

interface Handlers {
  stop(): Promise<void>
  hurry(): void
}

/** The first signal stops in good order, a second one hurries; so does time. */
export function onStopRequests({ stop, hurry }: Handlers): void {
  let firstAt: number | undefined
  const request = () => {
    if (firstAt === undefined) {
      firstAt = Date.now()
      void stop()
      setTimeout(() => hurry(), stopWithinMs).unref()
    } else if (Date.now() - firstAt > samePressMs) hurry()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, request)
  // Nobody reads any more: the terminal is gone, or `| head` has seen enough.
  process.stdout.on('error', request)
  // Whoever started us holds the other end, and is gone when it closes.
  if (process.env['SPOOL_STOP_WITH_INPUT'] === '1') process.stdin.on('close', request).on('error', request).resume()
}
