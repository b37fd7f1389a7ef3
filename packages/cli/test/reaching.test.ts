import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { spoolWith } from './support/run-spool.ts'
import { atTerminal } from './support/terminal.ts'

const NOBODY = 'http://127.0.0.1:9'

/** `spool …` with a gateway at this address. */
const spoolAt = (url: string) =>
  spoolWith({ SPOOL_DATA: '/nowhere', SPOOL_URL: url, SPOOL_KEY: 'k', SPOOL_CONNECT_MS: '300' })

/** A gateway that is there, and answers what is asked of sessions as it is told. */
async function gateway(answer: RequestListener) {
  const server = createServer((request, response) =>
    request.url === '/healthz' ? void response.end('{}') : answer(request, response),
  )
  const stop = () => {
    server.closeAllConnections()
    server.close()
  }
  onTestFinished(stop)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop }
}

const refusing = (status: number, code: string) =>
  gateway((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/problem+json' })
    response.end(JSON.stringify({ status, code, detail: `because of ${code}` }))
  })

test('a gateway that is not there is told soon, and what to do', async () => {
  for (const command of [['tail', 's'], ['tail', 's', '--no-follow'], ['show', 's'], ['chat', '-m', 'hi'], ['chat']]) {
    const said = await spoolAt(NOBODY)(...command)
    expect(said).toMatchObject({ code: 3, stderr: expect.stringMatching(/^No gateway answers at .*SPOOL_URL/) })
  }
})

test('an address that is none, and an id that can be none, are told before anybody is asked', async () => {
  expect(await spoolAt('rubbish')('tail', 's')).toMatchObject({ code: 2, stderr: expect.stringContaining('SPOOL_URL') })
  for (const command of [
    ['tail', 'a b'],
    ['show', 'ä'],
    ['chat', '-s', 'x'.repeat(129), '-m', 'hi'],
  ]) {
    const said = await spoolAt(NOBODY)(...command)
    expect(said).toMatchObject({ code: 2, stderr: expect.stringContaining('A session is named by') })
  }
})

test('a key that is refused, and a store that is away, can be told from what cannot be done', async () => {
  const cases = [
    [401, 'unauthorized', 3],
    [503, 'store_unavailable', 3],
    [404, 'session_not_found', 1],
  ] as const
  for (const [status, code, exitCode] of cases) {
    const { url } = await refusing(status, code)
    const said = await spoolAt(url)('show', 's')
    expect(said).toMatchObject({ code: exitCode, stderr: `because of ${code}\n` })
  }
})

test('once it was there it is come back to, and whoever waits is told', async () => {
  const { url, stop } = await gateway((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('retry: 5\n\nid: 1-1\nevent: text.delta\n')
    response.write('data: {"type":"text.delta","message":"m","text":"half a","session":"s","seq":1,"prev":0}\n\n')
  })
  const terminal = atTerminal({ SPOOL_DATA: '/nowhere', SPOOL_URL: url, SPOOL_KEY: 'k' }, 'tail', 's')
  await terminal.sees('half a')
  stop()
  await terminal.sees('\nreconnecting …\n')
})

test('says which version it is, and needs nothing for it', async () => {
  expect(await spoolAt('rubbish')('--version')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  })
})
