/** Tools that need nothing said about them. */
export const toolsAlwaysThere: readonly string[] = [
  'clock',
  'calculator',
  'design_document',
  'demo_wait',
  'demo_postcard',
]

/** Tools that are there once `tools` in the file says so; how to say it. */
export const toolsToTurnOn: Readonly<Record<string, { readonly section: string; readonly advice: string }>> = {
  http_get: { section: 'http_get', advice: 'tools: { http_get: { allow: [api.example.com] } }' },
  workspace_read: { section: 'workspace', advice: 'tools: { workspace: true }' },
  workspace_write: { section: 'workspace', advice: 'tools: { workspace: true }' },
  shell: { section: 'shell', advice: 'tools: { workspace: true, shell: true }' },
}

/** Nothing else may be called so; `propose_plan` is how a model proposes a plan. */
export const takenToolNames: readonly string[] = [...toolsAlwaysThere, ...Object.keys(toolsToTurnOn), 'propose_plan']
