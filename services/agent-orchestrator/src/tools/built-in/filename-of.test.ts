import { expect, test } from 'vitest'
import { filenameOf } from './filename-of.ts'

test.each([
  ['Payment service: design (v2)', 'payment-service-design-v2.md'],
  ['支付服务 设计', '支付服务-设计.md'],
  ['決済サービスの設計', '決済サービスの設計.md'],
  ['Diseño de la migración', 'diseño-de-la-migración.md'],
  ['भुगतान सेवा', 'भुगतान-सेवा.md'],
  ['Дизайн/сервиса', 'дизайн-сервиса.md'],
  ['../../etc/passwd\0', 'etc-passwd.md'],
  ['🎉🎉', 'document.md'],
  ['NUL', 'document-nul.md'],
])('the title %j gives the file name %j', (title, filename) => expect(filenameOf(title, 'md')).toBe(filename))

test('a long title is cut between characters, so that every file system takes it', () => {
  const name = filenameOf('語'.repeat(500), 'md')
  expect(Buffer.byteLength(name)).toBeLessThan(130)
  expect(name).toMatch(/^語+\.md$/)
  expect(Buffer.byteLength(filenameOf(`a${'\u0301'.repeat(10_000)}`, 'md'))).toBeLessThan(130)
})
