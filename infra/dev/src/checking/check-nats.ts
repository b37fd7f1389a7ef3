import { once } from 'node:events'
import { connect } from 'node:net'
import { LaunchProblem } from '../launcher/launch-problem.ts'
import { findNats } from '../nats/find-nats.ts'
import { isNewEnough, oldestNatsVersion } from '../nats/nats-version.ts'
import type { Output } from '../output/output.ts'

const answerWithinMs = 3_000
const defaultPort = 4222

export async function checkNats(url: string | undefined, output: Output): Promise<string> {
  if (url === undefined) {
    const { version, origin } = await findNats(output.say)
    return `NATS ${version} ${origin}`
  }
  const versions = await Promise.all(url.split(',').map(versionAt))
  return `NATS ${versions.join(', ')} at NATS_URL`
}

/** A server says what it is before it asks who we are, so this needs no password. */
async function versionAt(url: string): Promise<string> {
  const { hostname, port, host } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port || defaultPort) })
  try {
    const [greeting] = await once(socket, 'data', { signal: AbortSignal.timeout(answerWithinMs) })
    const info = JSON.parse(/^INFO (\{.*\})/.exec(String(greeting))?.[1] ?? '{}')
    if (info.version === undefined) throw new LaunchProblem(`What answers at ${host} (NATS_URL) is not NATS.`)
    if (!isNewEnough(info.version)) {
      throw new LaunchProblem(`NATS at ${host} is ${info.version}; Spool needs ${oldestNatsVersion} or newer.`)
    }
    if (!info.jetstream) throw new LaunchProblem(`NATS at ${host} runs without JetStream. Start it with -js.`)
    return info.version
  } catch (error) {
    if (error instanceof LaunchProblem) throw error
    throw new LaunchProblem(`No NATS answers at ${host} (NATS_URL).`, { cause: error })
  } finally {
    socket.destroy()
  }
}
