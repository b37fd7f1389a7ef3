import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startSpool } from '@spool/testing'
import { expect, test } from 'vitest'

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

const spoolProgram = fileURLToPath(new URL('../../packages/cli/bin/spool.mjs', import.meta.url))

/**
 * The commands of the README as they stand there, but for the address (another Spool may run on its port) and for npx,
 * which finds ours in the checkout only.
 */
function commands(url: string): string {
  const [, section = ''] = readme.split('## Two minutes with curl')
  const [text = ''] = section.split('\n## Models')
  const blocks = [...text.matchAll(/```sh\n(.*?)```/gs)].map(([, block = '']) => block)
  return blocks
    .join('\n')
    .replaceAll('http://127.0.0.1:8080', url)
    .replaceAll('npx spool', `${process.execPath} ${spoolProgram}`)
}

test('the tour of the README does what it says', async () => {
  const spool = await startSpool()
  const folder = mkdtempSync(join(tmpdir(), 'spool-tour-'))
  try {
    symlinkSync(spool.dataFolder, join(folder, '.spool'))
    const { stdout: output } = await promisify(execFile)('bash', ['-c', commands(spool.url)], { cwd: folder })
    expect(output).toMatch(/\n\d+ events in one chain, 400 words\n/)
    expect(output).toMatch(/the last event of run \w+ was 1-\d+/)
    expect(output).toMatch(/\nassistant complete: \S+1 \S+2 \S+3/)
    expect(output).toMatch(/"status":"complete".*What is in this picture\?/)
    expect(output).toMatch(/\n1\. .*\n2\. .*\n3\. .*\n\{"session":"tour-plan".*"action":"modify".*"status":"accepted"/s)
    expect(output).toMatch(/confirmation\.resolved\n.*tool\.called\n.*tool\.completed\n.*run\.completed\n/s)
    expect(output).toMatch(
      /\ndata: \{"content":"[^"]+"\}\n\ndata: \[DONE\]\n\nretry: 1000\n\nid: 1-\d+\ndata: \{"content"/,
    )
    expect(output).toMatch(/\n→ demo_wait .*\n← demo_wait .*\ntour-chat\nagent demo-tools · .*\n\nuser · /s)
    expect(output).toMatch(/confirmation\.resolved +modify by user \(http\): shorter, please\n.*run\.completed +done/s)
  } finally {
    rmSync(folder, { recursive: true })
    await spool.stop()
  }
})
