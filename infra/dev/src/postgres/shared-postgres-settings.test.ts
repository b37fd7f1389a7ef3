import { expect, test } from 'vitest'
import { parseSettings, sharedPostgresSettings } from './shared-postgres-settings.ts'

test('settings are read without comments and quotes', () => {
  expect(parseSettings("# all\na_b = 10 # why\n\nc = '5 s'\n")).toEqual({ a_b: '10', c: '5 s' })
})

test('the shared file says after how long a lost client is noticed', () => {
  expect(sharedPostgresSettings()).toMatchObject({ tcp_keepalives_idle: '10' })
})
