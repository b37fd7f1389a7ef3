import type { Tool, ToolContext } from '../../src/tools/tool.ts'

export function toolOf(parts: Partial<Tool> & Pick<Tool, 'name' | 'run'>): Tool {
  return {
    description: '',
    inputSchema: { type: 'object' },
    repeatable: true,
    timeoutMs: 30_000,
    maxOutputBytes: 1000,
    asksFirst: false,
    problemOf: () => null,
    ...parts,
  }
}

/** Have an effect on the world outside that can be counted, and say when they are about to have it. */
export function effectTools(): Tool[] {
  return [toolOf({ name: 'again', run: takeEffect }), toolOf({ name: 'once', repeatable: false, run: takeEffect })]
}

async function takeEffect(input: unknown, { call, attempt, signal, progress }: ToolContext): Promise<unknown> {
  const { url, hangs } = input as { url: string; hangs?: boolean }
  progress({ progress: 0.5, text: 'about to' })
  if (hangs === true && attempt === 1) await stopped(signal)
  await fetch(`${url}/${call}`, { method: 'POST' })
  return { done: true }
}

/** Rejects when the signal is aborted, and never ends otherwise. */
export function stopped(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason as Error)
    signal.addEventListener('abort', () => reject(signal.reason as Error))
  })
}
