/**
 * The least that can give back what was said: `/file/<session>` pipes a file of FOLDER, `/rows/<session>` selects the
 * events of a session out of the database and writes them as Spool does. No cursor, no check, nothing that goes on live.
 */
import { createReadStream } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { Client } from 'pg'

const PIECE_CHARACTERS = 64 * 1024
const { FOLDER = '', DATABASE_URL = '' } = process.env

interface Row {
  seq: string
  prev: string
  type: string
  body: string
}

const database = new Client(DATABASE_URL)
await database.connect()

async function writeRows(response: ServerResponse, session: string): Promise<void> {
  const { rows } = await database.query<Row>(
    `select seq, prev, type, body::text from events where tenant = 'default' and session = $1 order by seq offset 1`,
    [session],
  )
  let piece = ''
  for (const { seq, prev, type, body } of rows) {
    piece += `id: 1-${seq}\nevent: ${type}\ndata: ${body.slice(0, -1)},"session":"${session}","seq":${seq},"prev":${prev}}\n\n`
    if (piece.length < PIECE_CHARACTERS) continue
    if (!response.write(piece)) await new Promise((resolve) => response.once('drain', resolve))
    piece = ''
  }
  response.end(piece)
}

const server = createServer((request, response) => {
  const [, from, session = ''] = request.url!.split('/')
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
  response.on('error', () => undefined)
  if (from === 'file') createReadStream(`${FOLDER}/${session}`).pipe(response)
  else void writeRows(response, session)
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as { port: number }
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`)
})
