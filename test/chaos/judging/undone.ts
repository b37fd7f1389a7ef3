import { PROPOSE_PLAN, type RunState, type SessionState } from '@spool/events'

/** A run that says that it is done has its answer, and what its models have called was called, each once. */
export function undone({ runs, messages, calls }: SessionState): string[] {
  return runs.flatMap((run) => {
    if (run.status !== 'done') return []
    const answers = messages.filter((message) => message.run === run.id && message.purpose === 'answer')
    const last = answers.at(-1)
    const faults: string[] = []
    if (last?.status !== 'complete' || last.toolCalls.length > 0) {
      faults.push(`${named(run)} is done, and its last answer is ${last?.status ?? 'nowhere'}`)
    }
    for (const { call, name } of answers.flatMap(({ toolCalls }) => toolCalls)) {
      if (name === PROPOSE_PLAN) continue
      const times = calls.filter(({ id }) => id === call).length
      if (times !== 1) faults.push(`${named(run)} is done, and ${name} ${call} was called ${times} times`)
    }
    return faults
  })
}

const named = ({ id, agent }: RunState) => `the run ${id} of ${agent}`
