/** The server of `@durable-streams/server` as its README starts it: in memory, or on files in FOLDER. */
import { DurableStreamTestServer } from '@durable-streams/server'

const dataDir = process.env['FOLDER']
const server = new DurableStreamTestServer({ port: 0, ...(dataDir !== undefined && { dataDir }) })
const url = await server.start()
process.stdout.write(`{"url":"${url}"}\n`)
