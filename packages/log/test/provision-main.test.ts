import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { natsBinaries, startNats } from '@spool/testing'
import { expect, onTestFinished, test } from 'vitest'
import { grantKey, hashKey, listKeys, Log, revokeKey } from '../src/index.ts'
import { connected } from './support/deployment.ts'
import { MemoryArchive } from './support/memory-archive.ts'

const MAIN = fileURLToPath(new URL('../src/provisioning/provision-main.ts', import.meta.url))

/** From its source: a test must not see a stale build. */
function provisioner(env: Record<string, string>) {
  const args = ['--conditions=spool-source', '--experimental-transform-types', '--no-warnings', MAIN]
  return promisify(execFile)(process.execPath, args, { env: { PATH: process.env['PATH'], ...env } })
}

test('the provisioner makes a deployment out of its environment, and says nothing when all is well', async () => {
  const nats = await startNats()
  onTestFinished(() => nats.stop())
  const env = { NATS_URL: nats.url, SPOOL_SHARDS: '2', SPOOL_DEV_KEY: 'sk-dev' }
  expect(await provisioner(env)).toEqual({ stdout: '', stderr: '' })
  const bus = await connected(nats.url)
  await Log.open(bus, new MemoryArchive(), 2)
  const key = await bus.jsm.streams.getMessage('KV_KEYS', { last_by_subj: `$KV.KEYS.${hashKey('sk-dev')}` })
  expect(key!.json()).toMatchObject({ tenant: 'default' })

  // Again: what was revoked stays so, and the key that is there keeps its age.
  const [granted] = await listKeys(bus)
  const other = await grantKey(bus, 'sk-other', 'default', 'development')
  await revokeKey(bus, other.hash)
  await provisioner(env)
  expect(await listKeys(bus)).toEqual([granted])

  // A limit that is asked for is there afterwards, or it is said that it is not.
  expect(await provisioner({ ...env, SPOOL_LOG_MAX_BYTES: '6000000000' })).toEqual({ stdout: '', stderr: '' })
  const { stderr } = await provisioner({ ...env, SPOOL_LOG_MAX_BYTES: '1000000' })
  expect(stderr.split('\n')[0]).toBe(
    'Stream LOG-0 keeps its limit of 6000000000 bytes: SPOOL_LOG_MAX_BYTES is 1000000, and a limit is only ever raised.',
  )

  await expect(provisioner({ ...env, SPOOL_SHARDS: '3' })).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^Cannot prepare NATS: .*Set SPOOL_SHARDS=2\.\n$/),
  })
})

test('a setting that is no number is refused before anything is made', async () => {
  await expect(provisioner({ SPOOL_SHARDS: 'three' })).rejects.toMatchObject({
    code: 1,
    stderr: 'Cannot prepare NATS: SPOOL_SHARDS must be a whole number above 0.\n',
  })
})

test('replicas on servers that would not keep them alike are refused, a single one of these is not', async () => {
  const nats = await startNats({ binary: (await natsBinaries()).oldest })
  onTestFinished(() => nats.stop())
  const tooOld = `Cannot prepare NATS: NATS server ${nats.version} is too old for streams with replicas`
  await expect(provisioner({ NATS_URL: nats.url, SPOOL_REPLICAS: '3' })).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(nats.version.startsWith('2.10.') ? tooOld : /^Cannot prepare NATS: /),
  })
  expect(await provisioner({ NATS_URL: nats.url })).toEqual({ stdout: '', stderr: '' })
})
