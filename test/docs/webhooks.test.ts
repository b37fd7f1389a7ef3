import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { sign } from '../../services/agent-orchestrator/src/tools/webhooks/sign.ts'

const [, section = ''] = readFileSync(new URL('../../docs/tools.md', import.meta.url), 'utf8').split('\n## Webhooks\n')

type Check = (headers: Record<string, string>, body: string, secret: string) => boolean

function exampleIn(language: string, file: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'spool-webhooks-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const [, example] = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(section)!
  writeFileSync(join(folder, file), example!)
  return join(folder, file)
}

const languages: Record<string, () => Promise<Check>> = {
  async JavaScript() {
    const { isFromSpool } = (await import(exampleIn('js', 'check.mjs'))) as { isFromSpool: Check }
    return isFromSpool
  },
  async Python() {
    const folder = join(exampleIn('python', 'check.py'), '..')
    const call = 'import json, sys, check; h, b, s = json.load(sys.stdin); print(check.is_from_spool(h, b.encode(), s))'
    return (...given) => {
      const env = { PATH: process.env['PATH'], PYTHONDONTWRITEBYTECODE: '1' }
      const { stdout, stderr } = spawnSync('python3', ['-c', call], {
        cwd: folder,
        env,
        input: JSON.stringify(given),
        encoding: 'utf8',
      })
      expect(stderr).toBe('')
      return stdout.trim() === 'True'
    }
  },
}

const hasPython = spawnSync('python3', ['--version']).status === 0

describe.each(Object.keys(languages))('the example in %s of how a signature is checked', (language) => {
  test.skipIf(language === 'Python' && !hasPython)('takes what is ours, and nothing else', async () => {
    const isFromSpool = await languages[language]!()
    const body = '{"text":"Grüße"}'
    const now = Math.floor(Date.now() / 1000)
    const headers = sign(body, 'secret', now)
    expect(isFromSpool(headers, body, 'secret')).toBe(true)
    expect(isFromSpool(headers, `${body} `, 'secret')).toBe(false)
    expect(isFromSpool(headers, body, 'another')).toBe(false)
    expect(isFromSpool({ ...headers, 'spool-timestamp': String(now + 1) }, body, 'secret')).toBe(false)
    expect(isFromSpool(sign(body, 'secret', now - 3600), body, 'secret')).toBe(false)
    expect(isFromSpool({}, body, 'secret')).toBe(false)
  })
})
