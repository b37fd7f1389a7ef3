import type { PromptToolResult } from '@spool/events'

/** What Spool says was done in this run, where a summary stands for it. */
export interface DoneBefore {
  /** The list tells how each of these ended; the oldest are only counted. */
  readonly results: readonly PromptToolResult[]
  /** All that the model called, without the tasks of its plan. */
  readonly calls: number
}

/** The list is the last that the system says. */
export function doneBefore(system: string): DoneBefore {
  const [, list = ''] = /(?:^|\n\n)Already done in this run, do not do it again.*\n([^]*)$/.exec(system) ?? []
  const [, all = 0, tasks = 0] = /^- (\d+) earlier calls(?:, (\d+) of them tasks)?: /.exec(list) ?? []
  const told = list.split('\n').flatMap((line) => resultIn(line) ?? [])
  return {
    results: told.map(({ result }) => result),
    calls: Number(all) - Number(tasks) + told.filter(({ isTask }) => !isTask).length,
  }
}

function resultIn(line: string): { result: PromptToolResult; isTask: boolean } | undefined {
  const [, task, toolName, status, value = ''] =
    /^- (\[task\] )?(\S+) .*?: (completed|failed|unknown): ?(.*)$/.exec(line) ?? []
  if (toolName === undefined) return undefined
  const output = { type: status === 'completed' ? ('text' as const) : ('error-text' as const), value }
  return { result: { type: 'tool-result', toolCallId: '', toolName, output }, isTask: task !== undefined }
}
