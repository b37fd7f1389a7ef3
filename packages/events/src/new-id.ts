import { monotonicFactory } from 'ulid'

/** A ULID; within one process each is greater than the one before. */
export const newId: () => string = monotonicFactory()
