import { addsNothing, saysNearlyTheSame, saysTheSame } from './likeness.ts'
import type { Memories } from './recall-for.ts'

export interface Fact {
  readonly text: string
  /** Its id, should it be new. */
  readonly id: string
  /** What is known that may say the same. */
  readonly known: Memories
}

/**
 * What is to be remembered: what is known already is left out, what says nearly the same takes its place, and so is a
 * fact that adds nothing to one that was found with it. One that differs in a word was meant to be another.
 */
export function mergeFacts(facts: readonly Fact[]): Memories {
  const merged: Memories = []
  const taken = new Set<string>()
  for (const { text, id, known } of facts) {
    if (merged.some((other) => addsNothing(text, other.text) || saysTheSame(other.text, text))) continue
    if (known.some((memory) => saysTheSame(memory.text, text))) continue
    const older = known.find((memory) => !taken.has(memory.id) && saysNearlyTheSame(memory.text, text))
    const memory = { id: older?.id ?? id, text }
    taken.add(memory.id)
    merged.push(memory)
  }
  return merged
}
