/** So often a step may fail before its run is given up. */
export const MAX_FAILURES = 10
