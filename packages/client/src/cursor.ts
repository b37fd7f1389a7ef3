/** A position in a session, as streams and snapshots name it: `<epoch>-<seq>`, or `0` for the beginning. */
export type Cursor = string

export interface Position {
  readonly epoch: number
  readonly seq: number
}

export const BEGINNING: Position = { epoch: 0, seq: 0 }

export function positionOf(cursor: Cursor): Position | undefined {
  if (cursor === '' || cursor === '0') return BEGINNING
  const found = /^(\d+)-(\d+)$/.exec(cursor)
  return found === null ? undefined : { epoch: Number(found[1]), seq: Number(found[2]) }
}
