import type { OutsideWorld } from '../../e2e/support/outside-world.ts'

/** What was done outside, and no log knows that it was called. */
export function unloggedEffects(
  world: Pick<OutsideWorld, 'touchedBy' | 'effectsOf'>,
  logged: ReadonlySet<string>,
): string[] {
  return [...world.touchedBy()]
    .filter((call) => !logged.has(call))
    .map((call) => `the call ${call} had ${world.effectsOf(call)} effects outside, and is in no log`)
}
