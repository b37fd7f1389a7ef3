import { globSync } from 'node:fs'
import { expect, test } from 'vitest'
import { read } from './examples.ts'

const protocol = read('docs/protocol.md')
const clients = globSync('docs/examples/dialects/*.{mjs,py}', { cwd: new URL('../../', import.meta.url).pathname })

test('there are clients to be shown', () => {
  expect(clients.length).toBeGreaterThan(0)
})

test.each(clients)('the protocol shows %s as it is run against every dialect', (file) => {
  const language = file.endsWith('.py') ? 'python' : 'js'
  expect(protocol.includes(`\`\`\`${language}\n${read(file)}\`\`\``)).toBe(true)
})
