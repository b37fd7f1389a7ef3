import type { NewArtifact, ToolContext } from '../../src/tools/tool.ts'

export interface ToldContext extends ToolContext {
  readonly told: { progress?: number; text?: string }[]
  readonly artifacts: NewArtifact[]
  readonly emitted: { type: string; data?: unknown }[]
}

/** What a tool is called with, and what it said meanwhile. */
export function toolContext(changes: Partial<ToolContext> = {}): ToldContext {
  const told: ToldContext['told'] = []
  const artifacts: NewArtifact[] = []
  const emitted: ToldContext['emitted'] = []
  return {
    ref: { tenant: 'acme', session: 's1' },
    run: 'run_1',
    call: 'call_1',
    attempt: 1,
    language: null,
    signal: new AbortController().signal,
    progress: (step) => void told.push(step),
    createArtifact: async (artifact) => void artifacts.push(artifact),
    emit: async (type, data) => void emitted.push({ type, data }),
    told,
    artifacts,
    emitted,
    ...changes,
  }
}
