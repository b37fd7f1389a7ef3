import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FileSink } from './sink.ts'

test('of two that write the same file each leaves a whole one, and nothing else', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'spool-sink-'))
  const file = join(folder, 'export.jsonl')
  const [first, second, given] = [await FileSink.open(file), await FileSink.open(file), await FileSink.open(file)]
  await second.write('of the second')
  await first.write('of the first')
  await first.finish()
  expect(readFileSync(file, 'utf8')).toBe('of the first')
  await given.abandon()
  await second.finish()
  expect(readFileSync(file, 'utf8')).toBe('of the second')
  expect(readdirSync(folder)).toEqual(['export.jsonl'])
  rmSync(folder, { recursive: true })
})
