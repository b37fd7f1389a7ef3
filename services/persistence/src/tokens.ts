/** What Nest hands out, by name: nothing depends on emitted decorator metadata. */
export const LOGGER = Symbol('logger')
export const DATABASE = Symbol('database')
export const LOG = Symbol('log')
export const SHARDS = Symbol('number of shards')
export const CHECKPOINT_WATCH = Symbol('checkpoint watch')
