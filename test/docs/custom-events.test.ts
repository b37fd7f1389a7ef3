import { spawn, spawnSync } from 'node:child_process'
import { Spool } from '@spool/client'
import { newId } from '@spool/events'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { KEY, startSystem, type System } from '../../services/gateway/test/support/system.ts'
import { until } from '../../services/gateway/test/support/until.ts'
import { read } from './examples.ts'

const guide = read('docs/custom-events.md')
const snippet = (language: string, what: string): string =>
  new RegExp(`\`\`\`${language} ${what}\\n(.*?)\`\`\``, 's').exec(guide)![1]!

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system?.stop())

type Emit = (session: string, message: string, type: string, data: unknown) => Promise<string>
/** Shows what it reads until the test is over. */
type Read = (session: string, show: (type: string, data: unknown) => void) => void

function python(code: string, line: string, onLine: (line: string) => void = () => undefined) {
  const program = spawn('python3', ['-uc', `${code}\n\n${line}`], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  let complained = ''
  program.stderr.on('data', (chunk: Buffer) => (complained += chunk.toString()))
  program.stdout.on('data', (chunk: Buffer) => {
    const lines = (said + chunk.toString()).split('\n')
    said = lines.pop()!
    for (const whole of lines) onLine(whole)
  })
  const over = new Promise<void>((resolve, reject) =>
    program.on('exit', (code_) => (code_ === 0 ? resolve() : reject(new Error(complained)))),
  )
  return { program, over }
}

const asPython = (...values: unknown[]) => values.map((value) => JSON.stringify(value)).join(', ')

const languages: Record<string, () => { emit: Emit; read: Read }> = {
  JavaScript() {
    const emit = new Function(`${snippet('js', 'emit')}; return emit`)() as (...given: unknown[]) => Promise<string>
    const source = snippet('js', 'read').replace(/^import .*$/m, '')
    const follow = new Function('Spool', `${source}; return read`)(Spool) as (...given: unknown[]) => Promise<void>
    return {
      emit: (...given) => emit(system.url, KEY, ...given),
      // It goes on for ever; the end of the server ends it.
      read: (session, show) => void follow(system.url, KEY, session, show).catch(() => undefined),
    }
  },
  Python() {
    return {
      async emit(...given) {
        let cursor = ''
        await python(snippet('python', 'emit'), `print(emit(${asPython(system.url, KEY, ...given)}))`, (line) => {
          cursor = line
        }).over
        return cursor
      },
      read(session, show) {
        const line = `read(${asPython(system.url, KEY, session)}, lambda *told: print(json.dumps(told)))`
        const { program, over } = python(snippet('python', 'read'), line, (told) =>
          show(...(JSON.parse(told) as [string, unknown])),
        )
        over.catch(() => undefined)
        onTestFinished(() => void program.kill())
      },
    }
  },
}

const hasPython = spawnSync('python3', ['--version']).status === 0

describe.each(Object.keys(languages))('the examples in %s', (language) => {
  test.skipIf(language === 'Python' && !hasPython)('emit what the others read', async () => {
    const examples = languages[language]!()
    const session = newId()
    const response = await new Spool({ url: system.url, key: KEY }).session(session).beginStreamingResponse()
    const told: unknown[] = []
    examples.read(session, (...event) => void told.push(event))
    await response.appendStreamingChunk('It is ')
    const data = { city: 'Zürich', degrees: 21 }
    expect(await examples.emit(session, response.message, 'custom.weather.seen', data)).toMatch(/^1-\d+$/)
    await until(() => told.length > 0, 'it is read')
    expect(told).toEqual([['custom.weather.seen', data]])
  })
})
