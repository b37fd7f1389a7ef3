import { existsSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { Client } from 'pg'
import { expect, test } from 'vitest'
import { startPostgres } from '../src/index.ts'

/** The first message of the wire protocol, and whether the server lets this user into this database. */
async function letsIn(url: string): Promise<boolean> {
  const { port, username, pathname } = new URL(url)
  const socket: Socket = connect({ port: Number(port), host: '127.0.0.1' })
  await once(socket, 'connect')
  const words = `user\0${username}\0database\0${pathname.slice(1)}\0\0`
  const head = Buffer.alloc(8)
  head.writeInt32BE(head.length + words.length, 0)
  head.writeInt32BE(3 << 16, 4)
  socket.write(Buffer.concat([head, Buffer.from(words)]))
  const [answer] = await once(socket, 'data')
  socket.destroy()
  // 'R' with code 0: authentication is done.
  return answer[0] === 'R'.charCodeAt(0) && answer.readInt32BE(5) === 0
}

test('starts a server whose database can be used', async () => {
  const postgres = await startPostgres({ settings: { max_connections: '20' } })
  expect(await letsIn(postgres.url)).toBe(true)
  await postgres.stop()
  expect(existsSync(postgres.dataFolder)).toBe(false)
})

test('a killed server comes back on the same port', async () => {
  const postgres = await startPostgres()
  const before = postgres.pid
  await postgres.kill()
  await expect(letsIn(postgres.url)).rejects.toThrow()
  await postgres.restart()
  expect(postgres.pid).not.toBe(before)
  expect(await letsIn(postgres.url)).toBe(true)
  await postgres.stop()
})

test('a killed server has all that was committed, also a moment before', async () => {
  const postgres = await startPostgres()
  await tell(postgres.url, 'create table kept as select 7 as number')
  await postgres.kill()
  await postgres.restart()
  expect(await tell(postgres.url, 'select number from kept')).toEqual([{ number: 7 }])
  await postgres.stop()
})

async function tell(url: string, statement: string): Promise<unknown[]> {
  const client = new Client(url)
  await client.connect()
  const { rows } = await client.query(statement)
  await client.end()
  return rows
}
