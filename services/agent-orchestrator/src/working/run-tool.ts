import type { Tool, ToolContext } from '../tools/tool.ts'
import { ToolStopped } from './tool-stopped.ts'

export type Ran =
  | { readonly kind: 'returned'; readonly output: unknown }
  | { readonly kind: 'threw'; readonly error: unknown }
  /** It had to stop: it did, or was left behind, and what it may still do is nobody's any more. */
  | { readonly kind: 'stopped'; readonly why: ToolStopped['why']; readonly isTouched: boolean }

/** A tool that is told to stop may still say how far it came. Below the grace that a cancelled run gives its workers. */
const LAST_WORD_MS = 200

/** Runs a tool until it ends, its time is up, or `stop` is aborted (with a `ToolStopped`). Never rejects. */
export async function runTool(
  tool: Tool,
  input: unknown,
  context: Omit<ToolContext, 'signal'>,
  stop: AbortSignal,
): Promise<Ran> {
  if (stop.aborted) return { kind: 'stopped', why: whyOf(stop), isTouched: false }
  const limit = new AbortController()
  const late = setTimeout(() => limit.abort(new ToolStopped('timed-out')), tool.timeoutMs)
  const signal = AbortSignal.any([stop, limit.signal])
  const stopped = stopOf(signal)
  try {
    const ended = await Promise.race([ending(tool, input, { ...context, signal }), stopped.leftBehind])
    // What it says after it was told to stop, it says of that.
    return ended.kind === 'threw' && signal.aborted ? { kind: 'stopped', why: whyOf(signal), isTouched: true } : ended
  } finally {
    clearTimeout(late)
    stopped.forget()
  }
}

async function ending(tool: Tool, input: unknown, context: ToolContext): Promise<Ran> {
  try {
    return { kind: 'returned', output: await tool.run(input, context) }
  } catch (error) {
    return { kind: 'threw', error }
  }
}

function stopOf(signal: AbortSignal): { leftBehind: Promise<Ran>; forget: () => void } {
  const { promise: leftBehind, resolve } = Promise.withResolvers<Ran>()
  let lastWord: NodeJS.Timeout | undefined
  const onAbort = () => {
    const why = whyOf(signal)
    lastWord = setTimeout(() => resolve({ kind: 'stopped', why, isTouched: true }), why === 'lost' ? 0 : LAST_WORD_MS)
  }
  signal.addEventListener('abort', onAbort, { once: true })
  return {
    leftBehind,
    forget: () => {
      clearTimeout(lastWord)
      signal.removeEventListener('abort', onAbort)
    },
  }
}

function whyOf({ reason }: AbortSignal): ToolStopped['why'] {
  return (reason as ToolStopped).why
}
