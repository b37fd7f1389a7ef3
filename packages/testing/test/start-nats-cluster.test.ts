import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { natsVersion, reachableProgram, unprivilegedUser } from '@spool/dev'
import { expect, onTestFinished, test } from 'vitest'
import { natsBinaries, startNatsCluster } from '../src/index.ts'
import { natsSays } from './nats-says.ts'

test.each([
  ['oldest', true],
  ['newest', false],
] as const)(
  'forms a cluster of three of the %s server, which tells clients of its nodes: %s',
  async (age, isAdvertised) => {
    const binary = (await natsBinaries())[age]
    const cluster = await startNatsCluster({ binary, isAdvertised })
    expect(cluster.url.split(',')).toEqual(cluster.urls)
    const greetings = await Promise.all(cluster.nodes.map(({ port }) => natsSays(port)))
    expect(new Set(greetings.map(({ cluster: name }) => name)).size).toBe(1)
    for (const { connect_urls: told } of greetings) expect(told).toEqual(isAdvertised ? expect.any(Array) : undefined)
    const [first] = cluster.nodes
    await first!.kill()
    await first!.restart()
    expect(await natsSays(first!.port)).toMatchObject({ jetstream: true })
    await cluster.stop()
  },
  120_000,
)

const { oldest } = await natsBinaries()
const comesUpMute = (await natsVersion(oldest))!.startsWith('2.10.')

test.runIf(comesUpMute).for([
  ['a 2.10 node once more that came up mute', '3'],
  ['2.10 nodes once more where so many came up mute that none leads', '[23]'],
])('starts %s', { timeout: 120_000 }, async ([, alone]) => {
  const binary = await reachableProgram(oldest, unprivilegedUser())
  const cluster = await startNatsCluster({ binary: firstAlone(binary, alone!) })
  onTestFinished(() => cluster.stop())
  const greetings = await Promise.all(cluster.nodes.map(({ port }) => natsSays(port)))
  expect(new Set(greetings.map(({ cluster: name }) => name)).size).toBe(1)
})

/** Muteness cannot be ordered. To the others it is as if the node were not there: so the first time it is not. */
function firstAlone(binary: string, nodes: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'spool-alone-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const script = `#!/bin/sh
    alone="${folder}/$(grep -o '^server_name: ".*-${nodes}"' "$2" | tr -dc 0-9 | tail -c 1)"
    if [ "$1" = -c ] && [ "$alone" != '${folder}/' ] && mkdir "$alone"; then
      sed '/^cluster:/d' "$2" >"$alone/nats.conf"
      exec '${binary}' -c "$alone/nats.conf"
    fi
    exec '${binary}' "$@"
  `
  const program = join(folder, 'nats-server')
  writeFileSync(program, script)
  // Run by the servers' user, who makes a folder beside it.
  chmodSync(program, 0o755)
  chmodSync(folder, 0o777)
  return program
}
