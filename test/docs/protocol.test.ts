import { globSync, readFileSync } from 'node:fs'
import { BlobStoreFull, CursorLost, LogFull, QueueFull, SessionErased } from '@spool/log'
import { expect, test } from 'vitest'
import { DIALECTS } from '../../packages/dialects/src/index.ts'
import { read } from './examples.ts'

const protocol = read('docs/protocol.md')
const root = new URL('../../', import.meta.url).pathname

function sourcesOf(...folders: string[]): string {
  const files = globSync(
    folders.map((folder) => `${folder}/**/*.ts`),
    { cwd: root },
  )
  return files
    .filter((file) => !file.endsWith('.test.ts'))
    .map((file) => readFileSync(`${root}/${file}`, 'utf8'))
    .join('\n')
}

const gateway = globSync('services/gateway/src/**/*.controller.ts', { cwd: root }).map((file) =>
  readFileSync(`${root}/${file}`, 'utf8'),
)

/** Names of parameters do not count. */
const bare = (route: string) => route.replaceAll(/:\w+|\{\w+\}/g, '*').replace(/(?<=.)\/$/, '')

function ofDialects(): string[] {
  return DIALECTS.flatMap(({ path, wholePath, views = [] }) => [
    `POST ${path}`,
    `GET ${path}`,
    ...(wholePath === undefined ? [] : [`POST ${wholePath}`]),
    ...views.map((view) => `GET ${view.path}`),
  ]).map(bare)
}

function registered(): string[] {
  const native = gateway.flatMap((source) => {
    const [, base = ''] = /@Controller\((?:'([^']*)')?\)/.exec(source) ?? []
    return [...source.matchAll(/@(Get|Post|Put|Patch|Delete)\(([^)]*)\)/g)].flatMap(([, method = '', given = '']) => {
      const paths = given === '' ? [''] : [...given.matchAll(/'([^']*)'/g)].map(([, path = '']) => path)
      return paths.map((path) => bare(`${method.toUpperCase()} /${[base, path].filter(Boolean).join('/')}`))
    })
  })
  return [...native, ...ofDialects()]
}

test('the protocol has every call that the gateway answers, and no other', () => {
  const calls = new Set(
    [...protocol.matchAll(/`(GET|POST|PUT|PATCH|DELETE) (\/[^\s`?]*)/g)].map(([, method, path]) =>
      bare(`${method} ${path}`),
    ),
  )
  expect([...calls].toSorted()).toEqual([...new Set(registered())].toSorted())
})

/** Made and passed on inside, and told to nobody. */
const INTERNAL = new Set(['session_being_copied'])

test('the protocol has every code of a problem, and no other', () => {
  const answering = sourcesOf('services/gateway/src')
  const deciding = sourcesOf(
    'services/agent-orchestrator/src/{deciding,forking,stepping,taking}',
    'packages/log/src/queues',
  )
  const codes = new Set(
    [
      ...answering.matchAll(/new Problem\(\s*(?:\d+|status),\s*'(\w+)'/g),
      ...answering.matchAll(/unauthorized\(\s*'(\w+)'/g),
      ...deciding.matchAll(/refuse\(\s*\d+,\s*'(\w+)'/g),
      ...deciding.matchAll(/refused\([^']*?'(\w+)'/g),
      ...deciding.matchAll(/status: [45]\d\d,\s*code: '(\w+)'/g),
      ...answering.matchAll(/error\.code === '(cursor_not_found|not_requested)'/g),
    ].map(([, code = '']) => code),
  )
  for (const [, field] of answering.matchAll(/limitSize\('(\w+)'/g)) codes.add(`${field}_too_large`)
  for (const error of [
    new SessionErased(''),
    new QueueFull(''),
    new LogFull(''),
    new CursorLost('', ''),
    new BlobStoreFull(),
  ])
    codes.add(error.code)
  for (const code of INTERNAL) codes.delete(code)
  const listed = [...protocol.matchAll(/^\| [45]\d\d +\| `(\w+)`/gm)].map(([, code]) => code)
  expect(listed.toSorted()).toEqual([...codes].toSorted())
})

test('each link of the protocol to a part of itself leads somewhere', () => {
  const parts = new Set(
    [...protocol.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => title.toLowerCase().replaceAll(' ', '-')),
  )
  for (const [, part = ''] of protocol.matchAll(/\]\(#([^)]*)\)/g)) expect(parts).toContain(part)
})
