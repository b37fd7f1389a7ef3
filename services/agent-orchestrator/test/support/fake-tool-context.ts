import type { NewArtifact, ToolContext } from '../../src/tools/tool.ts'

export interface FakeToolContext extends ToolContext {
  readonly told: { progress?: number; text?: string }[]
  readonly artifacts: NewArtifact[]
}

/** What a tool is given, without a bus behind it. */
export function fakeContext(given: Partial<ToolContext> = {}): FakeToolContext {
  const told: FakeToolContext['told'] = []
  const artifacts: NewArtifact[] = []
  return {
    ref: { tenant: 'default', session: 'session-1' },
    run: 'run-1',
    call: 'call-1',
    attempt: 1,
    language: null,
    signal: new AbortController().signal,
    progress: (progress) => told.push(progress),
    createArtifact: async (artifact) => {
      artifacts.push(artifact)
    },
    ...given,
    told,
    artifacts,
  }
}
