import type { Answered } from './judged.ts'
import type { LoggedSession } from './logged-session.ts'

/** Every question has one end, and one person at most was told that theirs was the answer. */
export function wrongQuestions({ wire, state }: LoggedSession, answered: readonly Answered[]): string[] {
  const faults: string[] = []
  const told = Map.groupBy(
    answered.filter(({ status }) => status === 200),
    ({ confirmation }) => confirmation,
  )
  for (const id of told.keys()) {
    if (!state.questions.some((question) => question.id === id)) {
      faults.push(`an answer to ${id} was accepted, which nobody asked`)
    }
  }
  for (const { id, resolution } of state.questions) {
    const ends = wire.filter(({ type, confirmation }) => type === 'confirmation.resolved' && confirmation === id)
    if (ends.length !== 1) faults.push(`question ${id} was resolved ${ends.length} times`)
    const accepted = told.get(id) ?? []
    const requests = new Set(accepted.map(({ key }) => key))
    if (requests.size > 1) faults.push(`question ${id} was answered by ${[...requests].join(' and ')}, and both count`)
    for (const { action, key } of accepted) {
      if (action === resolution?.action) continue
      faults.push(`question ${id}: ${key} was told that ${action} was accepted, and it is ${resolution?.action}`)
    }
  }
  return faults
}
