import { type RunningPostgres, startPostgres } from '@spool/testing'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { binaryArray, type ColumnType } from '../../../packages/store/src/storing/binary-array.ts'

let postgres: RunningPostgres
let client: Client
beforeAll(async () => {
  postgres = await startPostgres()
  client = new Client(postgres.url)
  await client.connect()
})
afterAll(async () => {
  await client?.end()
  await postgres?.stop()
})

const VALUES: Readonly<Record<ColumnType, readonly (string | number | boolean | Buffer | null)[]>> = {
  text: ['', 'a', 'NULL', null, '"', '\\', '{,}', " 'x' ", 'é€🙂', '\n\t', 'x'.repeat(100_000)],
  json: ['{}', '{"text":" \\"a\\" \\\\ 🙂\\u0000"}', null, '[1, 2]', '"x"'],
  bytea: [Buffer.from([0, 255, 92, 34]), Buffer.alloc(0), null],
  boolean: [true, false, null],
  smallint: [0, 1, -1, 32_767, -32_768, null],
  integer: [0, -1, 2_147_483_647, -2_147_483_648, null],
  bigint: [0, 1, -1, 2 ** 31, 2 ** 32, -(2 ** 32), Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, null],
  timestamptz: [
    '2026-11-21T10:00:00.001Z',
    '1969-12-31T23:59:59.999Z',
    '0001-01-01T00:00:00.000Z',
    '9999-12-31T23:59:59.999Z',
    '1700-02-28T12:00:00.123Z',
    null,
  ],
}

const msOf = (value: unknown) => (value === null ? null : Date.parse(value as string))

test.each(Object.keys(VALUES) as ColumnType[])('an array of %s is what it is as text', async (type) => {
  const values = VALUES[type]
  const { rows } = await client.query(
    `select ours::text, theirs::text from unnest($1::${type}[], $2::${type}[]) as one (ours, theirs)`,
    [binaryArray(type, type === 'timestamptz' ? values.map(msOf) : values), values],
  )
  expect(rows).toHaveLength(values.length)
  for (const { ours, theirs } of rows) expect(ours).toBe(theirs)
  expect(rows.map(({ ours }) => ours === null)).toEqual(values.map((value) => value === null))
})

test('what no column can hold is refused', () => {
  expect(() => binaryArray('smallint', [32_768])).toThrow(RangeError)
  expect(() => binaryArray('integer', [2 ** 31])).toThrow(RangeError)
})
