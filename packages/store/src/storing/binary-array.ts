export type ColumnType = 'text' | 'bigint' | 'integer' | 'smallint' | 'boolean' | 'json' | 'bytea' | 'timestamptz'

type Value = string | number | boolean | Buffer | null

interface Elements {
  /** Of the type, in every Postgres. */
  readonly oid: number
  size(value: Value): number
  write(to: Buffer, value: Value, at: number): void
}

const HEADER_BYTES = 20
const YEAR_2000_MS = Date.UTC(2000)
const HIGH = 2 ** 32

/**
 * An array as Postgres sends and takes it itself, for a parameter of that array type: as text, each string would be
 * searched for what is to be escaped, and read again on the other side. Instants are in ms of the Unix clock.
 */
export function binaryArray(type: ColumnType, values: readonly Value[]): Buffer {
  const { oid, size, write } = ELEMENTS[type]
  let length = HEADER_BYTES
  let hasNull = 0
  for (const value of values) {
    length += 4
    if (value === null) hasNull = 1
    else length += size(value)
  }
  const array = Buffer.allocUnsafe(length)
  array.writeInt32BE(1, 0)
  array.writeInt32BE(hasNull, 4)
  array.writeInt32BE(oid, 8)
  array.writeInt32BE(values.length, 12)
  array.writeInt32BE(1, 16)
  let at = HEADER_BYTES
  for (const value of values) {
    const bytes = value === null ? 0 : size(value)
    array.writeInt32BE(value === null ? -1 : bytes, at)
    if (value !== null) write(array, value, at + 4)
    at += 4 + bytes
  }
  return array
}

const strings = (oid: number): Elements => ({
  oid,
  size: (value) => Buffer.byteLength(value as string),
  write: (to, value, at) => void to.write(value as string, at),
})

const ELEMENTS: Readonly<Record<ColumnType, Elements>> = {
  text: strings(25),
  json: strings(114),
  bytea: {
    oid: 17,
    size: (value) => (value as Buffer).length,
    write: (to, value, at) => void (value as Buffer).copy(to, at),
  },
  boolean: { oid: 16, size: () => 1, write: (to, value, at) => void to.writeUInt8(value === true ? 1 : 0, at) },
  smallint: { oid: 21, size: () => 2, write: (to, value, at) => void to.writeInt16BE(value as number, at) },
  integer: { oid: 23, size: () => 4, write: (to, value, at) => void to.writeInt32BE(value as number, at) },
  bigint: { oid: 20, size: () => 8, write: (to, value, at) => writeLong(to, value as number, at) },
  timestamptz: {
    oid: 1184,
    size: () => 8,
    write: (to, value, at) => writeMicroseconds(to, (value as number) - YEAR_2000_MS, at),
  },
}

/** Any integer that a number can hold. */
function writeLong(to: Buffer, value: number, at: number): void {
  const high = Math.floor(value / HIGH)
  to.writeInt32BE(high, at)
  to.writeUInt32BE(value - high * HIGH, at + 4)
}

/** The microseconds of far away years are no number any more. */
function writeMicroseconds(to: Buffer, ms: number, at: number): void {
  const microseconds = ms * 1000
  if (Number.isSafeInteger(microseconds)) writeLong(to, microseconds, at)
  else to.writeBigInt64BE(BigInt(ms) * 1000n, at)
}
