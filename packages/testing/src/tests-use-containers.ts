/** `SPOOL_TEST_WITH=containers`: NATS and Postgres out of Docker images, by testcontainers. */
export const testsUseContainers = (): boolean => process.env['SPOOL_TEST_WITH'] === 'containers'
