import { EVENT_TYPES, type NamedType } from './event.ts'

// What writers of this release write. Readers learn a version one release before writers use it:
// raise the number here only in the release after its schema and upcast were added.

const FIRST_VERSIONS = Object.fromEntries(EVENT_TYPES.map((type) => [type, 1])) as Record<NamedType, number>

/** The current version of each type; those not named after the spread are still at their first. */
export const CURRENT_VERSIONS: Readonly<Record<NamedType, number>> = { ...FIRST_VERSIONS }
