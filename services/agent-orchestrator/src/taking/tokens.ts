export const LOG = Symbol('log')
export const STEPPER = Symbol('stepper')
/** How long a follower has to come back. */
export const DISCONNECT_MS = Symbol('disconnect ms')
export const FORKER = Symbol('forker')
