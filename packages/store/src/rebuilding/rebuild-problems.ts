/** The snapshots cannot be rebuilt, or not now. Those that are there are as they were. */
export class RebuildRefused extends Error {
  override readonly name = 'RebuildRefused'
  readonly code = 'rebuild_refused'
}
