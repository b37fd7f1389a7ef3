import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createLogger, nestLogger } from '../src/index.ts'

function recording(level = 'info') {
  const lines: Record<string, unknown>[] = []
  const output = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) }
  return { lines, logger: createLogger({ service: 'gateway', instance: 'gateway-1', level, output }) }
}

test('a line is JSON with an ISO time, the level as a word, the service and its instance', () => {
  const { lines, logger } = recording()
  logger.info({ port: 8080 }, 'listening')
  logger.debug('not at this level')
  expect(lines).toEqual([
    {
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      level: 'info',
      service: 'gateway',
      instance: 'gateway-1',
      port: 8080,
      msg: 'listening',
    },
  ])
})

test('secrets do not reach a line: not in fields, headers, error texts, causes or the message', () => {
  const { lines, logger } = recording()
  const secret = 'sk-verysecretverysecret'
  const cause = new Error(`connect nats://user:${secret}@bus failed`)
  logger.error(
    {
      apiKey: secret,
      request: { headers: { authorization: `Bearer ${secret}`, 'x-api-key': secret } },
      err: new Error(`401 for Bearer ${secret}`, { cause }),
    },
    `refused ${secret}`,
  )
  expect(JSON.stringify(lines)).not.toContain('verysecret')
  expect(lines[0]).toMatchObject({ apiKey: '[hidden]', msg: 'refused [hidden]', err: { cause: { type: 'Error' } } })
})

test.each([
  'AIzaSyA1234567890abcdefghijklmnopqrstuv',
  'gsk_abcdefghijklmnop1234567890',
  'xai-abcdefghijklmnop1234567890',
  'hf_abcdefghijklmnop1234567890',
  'nvapi-abcdefghijklmnop1234567890',
])('a key that begins as those of its provider do is hidden: %s', (secret) => {
  const { lines, logger } = recording()
  logger.error({ err: Object.assign(new Error(`no: ${secret}`), { code: secret }) }, `refused ${secret}`)
  expect(JSON.stringify(lines)).not.toContain(secret)
})

test('an error that is its own cause is a line like any other', () => {
  const { lines, logger } = recording()
  const error = new Error('around')
  error.cause = error
  logger.error({ err: error }, 'it broke')
  expect(lines).toMatchObject([{ err: { message: 'around', cause: { message: 'around' } } }])
})

test('a log file gets the same lines, appended to what is there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'spool-log-'))
  const file = join(folder, 'logs', 'spool.log')
  const output = { write: () => undefined }
  for (const instance of ['a', 'b']) {
    createLogger({ service: 'gateway', instance, file, output, level: 'debug' }).debug('kept')
  }
  const lines = (await readFile(file, 'utf8')).trim().split('\n')
  expect(lines.map((line) => (JSON.parse(line) as { instance: string }).instance)).toEqual(['a', 'b'])
  await rm(folder, { recursive: true })
})

test('NestJS writes through it: its own talk at debug, errors with their stack and context', () => {
  const { lines, logger } = recording('debug')
  const nest = nestLogger(logger)
  nest.log('Mapped {/v1/runs, POST} route', 'RouterExplorer')
  nest.error('it broke', 'Error: it broke\n    at somewhere', 'ExceptionsHandler')
  nest.error(new Error('boom'))
  expect(lines).toMatchObject([
    { level: 'debug', context: 'RouterExplorer', msg: 'Mapped {/v1/runs, POST} route' },
    { level: 'error', context: 'ExceptionsHandler', stack: expect.stringContaining('at somewhere'), msg: 'it broke' },
    { level: 'error', msg: 'boom', err: { message: 'boom' } },
  ])
})
