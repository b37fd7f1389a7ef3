import { setTimeout as delay } from 'node:timers/promises'
import { natsRequest } from './nats-request.ts'
import type { RunningNats } from './start-nats.ts'

const formedWithinMs = 60_000

// The leader calls every second, and whoever answers is a member. On a busy machine the last one was a member at most
// 0.4 s after the first refusal for want of it.
const joinsWithinMs = 3_000

// Where most of the nodes are mute there is nobody to say who lacks. Without that a whole cluster forms in about 2 s.
const ledWithinMs = 10_000

/** What the leader says while a node is no member. For one that is, but still tells it too little, it adds a reason. */
const tooFewMembers = 'no suitable peers for placement'

/** What is said, if anything, where there is no leader. */
const leaderless = /^none$|temporarily unavailable/

/** Resolves when every node has joined and streams with a replica on each can be made. */
export async function clusterFormed(nodes: readonly RunningNats[]): Promise<void> {
  const giveUpAt = Date.now() + formedWithinMs
  let lackingSince: number | undefined
  let leaderlessSince: number | undefined
  while (true) {
    const { members, refusal } = await probeStream(nodes, nodes.length)
    if (members) return
    if (Date.now() > giveUpAt)
      throw new Error(`The cluster was not formed within ${formedWithinMs / 1000} s; its last answer: ${refusal}`)
    if (refusal !== tooFewMembers) lackingSince = undefined
    else lackingSince ??= Date.now()
    if (lackingSince !== undefined && Date.now() - lackingSince > joinsWithinMs) {
      await restartTheMute(nodes)
      lackingSince = undefined
    }
    if (!leaderless.test(refusal)) leaderlessSince = undefined
    else leaderlessSince ??= Date.now()
    if (leaderlessSince !== undefined && Date.now() - leaderlessSince > ledWithinMs) {
      await Promise.all(nodes.filter(mayBeMute).map((node) => node.restart()))
      leaderlessSince = undefined
    }
    await delay(25)
  }
}

/**
 * Now and then a nats-server 2.10 comes up mute: what sends for its Raft groups may look for the system account a moment
 * before that is set, and then drops everything for as long as the process runs. Such a node hears the others and
 * answers none, so it never becomes a member. Only another start helps. From 2.11 on, the sender is given the account.
 */
async function restartTheMute(nodes: readonly RunningNats[]): Promise<void> {
  const { members } = await probeStream(nodes, nodes.length - 1)
  // Refused again: so those were all the members there are, and nobody joined meanwhile.
  const { refusal } = await probeStream(nodes, nodes.length)
  if (!members || refusal !== tooFewMembers) return
  const mute = nodes.filter((node) => !members.includes(node.name) && mayBeMute(node))
  await Promise.all(mute.map((node) => node.restart()))
}

function mayBeMute({ version }: RunningNats): boolean {
  return version.startsWith('2.10.')
}

type Placement = { members: string[]; refusal?: never } | { members?: never; refusal: string }

interface StreamCreated {
  cluster?: { leader: string; replicas?: { name: string }[] }
  error?: { description: string }
}

/** Only the leader of the whole cluster answers, and it needs as many members as a stream has replicas: so make one. */
async function probeStream([asked]: readonly RunningNats[], replicas: number): Promise<Placement> {
  // A name for each size: one whose answer came too late to be deleted is in nobody's way.
  const name = `formed-${replicas}`
  const stream = { name, subjects: [`formed.${replicas}`], num_replicas: replicas, storage: 'memory' }
  const answer = await natsRequest(asked!.port, `$JS.API.STREAM.CREATE.${name}`, JSON.stringify(stream))
  if (answer === '') return { refusal: 'none' }
  const { cluster, error } = JSON.parse(answer) as StreamCreated
  if (!cluster) return { refusal: error?.description ?? answer }
  await natsRequest(asked!.port, `$JS.API.STREAM.DELETE.${name}`, '')
  return { members: [cluster.leader, ...(cluster.replicas ?? []).map((replica) => replica.name)] }
}
