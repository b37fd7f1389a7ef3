/** The log holds another event at a position that is stored: its store came back behind, and has grown again. */
export class PositionTaken extends Error {
  override readonly name = 'PositionTaken'
  readonly code = 'position_taken'

  constructor(
    row: { readonly shard: number; readonly epoch: number; readonly seq: number; readonly id: string },
    stored: string,
  ) {
    super(
      `Position ${row.epoch}-${row.seq} of shard ${row.shard} holds event ${row.id} in the log, but ${stored} is stored. The NATS store has lost data; nothing more is stored until it is repaired.`,
    )
  }
}
