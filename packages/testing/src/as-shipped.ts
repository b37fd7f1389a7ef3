/**
 * A test run keeps the servers' data in memory, copies databases that were set up before, and starts each service from one
 * bundle: over a quarter less processor time for the same claims. Benches, and tests told so by `SPOOL_TEST_AS_SHIPPED=1`,
 * do all of it as `npm start` does.
 */
export const asShipped = (): boolean =>
  process.env['VITEST'] === undefined || process.env['SPOOL_TEST_AS_SHIPPED'] === '1'
