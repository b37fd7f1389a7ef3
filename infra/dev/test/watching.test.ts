import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { develop } from '../src/watching/develop.ts'
import { folderForTest, hearing, launchForTest } from './launching.ts'
import { standIn } from './stand-ins/plan.ts'

const repository = join(import.meta.dirname, '../../..')
const compiler = join(repository, 'node_modules/.bin/tsc')

const server = (answer: string) => `
import { createServer } from 'node:http'
import { word } from '@spool/words'
createServer((_, response) => response.end(word + ${JSON.stringify(answer)})).listen(Number(process.env['PORT']), '127.0.0.1')
`

const compilerOptions = {
  composite: true,
  rootDir: 'src',
  outDir: 'dist',
  module: 'nodenext',
  types: ['node'],
  skipLibCheck: true,
}

/** A gateway of a few lines and a package it uses, with the repository's compiler. */
function workspace(): { root: string; save(path: string, text: string): void } {
  const root = folderForTest()
  const save = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const project = (folder: string, description: object, references: object[] = []) => {
    save(`${folder}/package.json`, JSON.stringify({ type: 'module', ...description }))
    save(`${folder}/tsconfig.json`, JSON.stringify({ compilerOptions, include: ['src'], references }))
    mkdirSync(join(root, folder, 'dist'), { recursive: true })
  }
  project('packages/words', { name: '@spool/words', exports: './dist/index.js' })
  save('packages/words/src/index.ts', "export const word: string = 'one'\n")
  project('services/gateway', { dependencies: { '@spool/words': 'workspace:*' } }, [{ path: '../../packages/words' }])
  save('services/gateway/src/main.ts', server(' first'))
  save('tsconfig.json', JSON.stringify({ files: [], references: [{ path: 'services/gateway' }] }))
  mkdirSync(join(root, 'node_modules/@spool'), { recursive: true })
  for (const name of ['.bin', 'typescript', '@types'])
    symlinkSync(join(repository, 'node_modules', name), join(root, 'node_modules', name))
  symlinkSync(join(root, 'packages/words'), join(root, 'node_modules/@spool/words'))
  return { root, save }
}

test('what is saved is built, and the service it is part of runs again within 5 s', async () => {
  const { root, save } = workspace()
  const worker = { name: 'persistence', script: standIn('worker') }
  const gateway = { name: 'gateway', script: 'services/gateway/dist/main.js', isGateway: true }
  const output = hearing()
  execFileSync(compiler, ['-b'], { cwd: root })
  const plan = { root, services: [gateway, worker] }
  const spool = await launchForTest({ plan, output, env: { SPOOL_DRAIN_MS: '500' } })
  const workerPid = spool.pidOf('persistence-1')
  const answer = () =>
    fetch(spool.url).then(
      (response) => response.text(),
      () => 'nothing',
    )
  expect(await answer()).toBe('one first')
  onTestFinished(develop(plan, { SPOOL_CONFIG: 'none' }, spool, output))

  save('services/gateway/src/main.ts', server(' second'))
  await expect.poll(answer, { timeout: 5_000 }).toBe('one second')
  save('packages/words/src/index.ts', "export const word: string = 'two'\n")
  await expect.poll(answer, { timeout: 5_000 }).toBe('two second')
  expect(spool.pidOf('persistence-1')).toBe(workerPid)

  save('services/gateway/src/main.ts', 'const broken: number = "text"\n')
  await expect.poll(() => output.lines.join('\n'), { timeout: 5_000 }).toContain('error TS2322')
})
