/** What can be computed from the events alone, by the tables it lies in. */
export const PROJECTIONS = {
  snapshots: ['sessions', 'runs', 'messages', 'calls', 'questions', 'artifacts'],
  search: ['message_terms'],
  memories: ['memories'],
} as const

export type Projection = keyof typeof PROJECTIONS

export const ALL_PROJECTIONS = Object.keys(PROJECTIONS) as Projection[]

export function tablesOf(projections: readonly Projection[]): string[] {
  return projections.flatMap((projection) => PROJECTIONS[projection])
}
