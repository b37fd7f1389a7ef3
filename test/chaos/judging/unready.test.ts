import { expect, onTestFinished, test } from 'vitest'
import { type Script, startScripted } from '../playing/support/scripted-server.ts'
import { unready } from './unready.ts'

const ready: Script = (response) => response.end('ok')
const notReady: Script = (response) => response.writeHead(503).end('nats is away')

async function gateway(...answers: readonly Script[]): Promise<string> {
  const server = await startScripted(...answers)
  onTestFinished(() => server.stop())
  return server.url
}

test('a gateway that never says that it is ready is found beside one that does, and what it said is told', async () => {
  const away = await gateway(notReady)
  expect(await unready([await gateway(ready), away], 300)).toEqual([
    expect.stringMatching(`is not ready.*${away}/readyz: 503 nats is away`),
  ])
})

test('a gateway that nobody reaches is not ready', async () => {
  const gone = await startScripted(ready)
  gone.stop()
  expect(await unready([gone.url], 300)).toEqual([expect.stringContaining('ECONNREFUSED')])
})

test('a gateway that is ready after a while is waited for', async () => {
  expect(await unready([await gateway(notReady, notReady, ready)])).toEqual([])
})
