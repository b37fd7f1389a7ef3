/**
 * What is done to the system, and when: a function of the random numbers alone. Each kind comes at least once where there
 * is the time for it; the rest as its weight says. They overlap, but nothing is harmed in two ways at once, and of the
 * servers of a cluster one at a time.
 */
import { COPIES, type Profile } from '../profile.ts'
import type { Random } from '../random.ts'
import type { FaultKind, PlannedFault } from './fault.ts'

export interface PlanOptions {
  readonly profile: Profile
  /** From the first fault to the end of the last, in ms since the beginning. */
  readonly fromMs: number
  readonly untilMs: number
}

const MEAN_GAP_MS = 2_200
/** A long plan takes its time with what is long. */
const LONG_PLAN_MS = 600_000
/** Restarting takes a moment; a stream has a new leader after 4 to 9 s. */
const PROCESS_IS_BACK_MS = 1_500
const NODE_IS_BACK_MS = 10_000
const TRIES = 50

export function faultPlan(random: Random, options: PlanOptions): PlannedFault[] {
  const { profile, fromMs, untilMs } = options
  const weighted = WEIGHTS[profile]
  const count = Math.floor((untilMs - fromMs) / MEAN_GAP_MS)
  const once = shuffled(random, [...weighted.map(([kind]) => kind), ...ALWAYS[profile]]).slice(0, count)
  const more = Array.from({ length: count - once.length }, () => random.one(weighted))
  const plan: PlannedFault[] = []
  let node = random.whole(0, 2)
  for (const kind of shuffled(random, [...once, ...more])) {
    if (kind === 'node killed') node++
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const fault = sketch(random, kind, Math.min(1, (untilMs - fromMs) / LONG_PLAN_MS), node)
      const atMs = Math.round(random.between(fromMs, untilMs - fault.forMs - backMs(kind)))
      const planned = { kind, atMs, ...fault }
      if (plan.some((other) => clash(other, planned))) continue
      plan.push(planned)
      break
    }
  }
  return plan.toSorted((a, b) => a.atMs - b.atMs)
}

type Weighted = readonly (readonly [FaultKind, number])[]

const PROCESSES_AND_WIRES: Weighted = [
  ['kill', 20],
  ['terminate', 8],
  ['freeze', 8],
  ['postgres killed', 4],
  ['bus cut', 4],
  ['bus refused', 4],
  ['bus stalled', 4],
  ['bus delayed', 4],
  ['database cut', 3],
  ['database refused', 2],
  ['database stalled', 2],
  ['database delayed', 2],
  ['provider cut', 5],
  ['provider refused', 2],
  ['provider stalled', 3],
  ['provider garbage', 3],
]

const WEIGHTS: Record<Profile, Weighted> = {
  single: [...PROCESSES_AND_WIRES, ['nats killed', 4]],
  cluster: [...PROCESSES_AND_WIRES, ['leader killed', 6], ['node killed', 6]],
}

/** Beside one of each: the other nodes. */
const ALWAYS: Record<Profile, readonly FaultKind[]> = { single: [], cluster: ['node killed', 'node killed'] }

type Sketch = Omit<PlannedFault, 'kind' | 'atMs'>

/** `scale`: from 0 to 1, how much of the longest time there is for it. */
function sketch(random: Random, kind: FaultKind, scale: number, node: number): Sketch {
  const between = (least: number, most: number) => Math.round(random.between(least, least + (most - least) * scale))
  switch (kind) {
    case 'kill':
    case 'terminate':
      return { targets: copies(random), forMs: 0 }
    case 'freeze':
      return { targets: copies(random), forMs: between(5_000, 40_000) }
    case 'nats killed':
      return { targets: ['nats'], forMs: 0 }
    case 'postgres killed':
      return { targets: ['postgres'], forMs: 0 }
    case 'node killed':
      return { targets: [`node-${(node % 3) + 1}`], forMs: between(500, 10_000) }
    case 'leader killed':
      return { targets: ['leader'], forMs: between(500, 10_000) }
    default:
      return wireSketch(random, kind, between)
  }
}

type WireKind = Extract<FaultKind, `${'bus' | 'database' | 'provider'} ${string}`>

function wireSketch(random: Random, kind: WireKind, between: (least: number, most: number) => number): Sketch {
  const [place, harm] = kind.split(' ') as ['bus' | 'database' | 'provider', string]
  const targets = place === 'provider' ? ['provider'] : wires(random, place)
  if (harm === 'cut') return { targets, forMs: 0 }
  if (harm === 'delayed') return { targets, forMs: between(3_000, 30_000), lateMs: random.whole(20, 300) }
  if (harm !== 'stalled') return { targets, forMs: between(500, 10_000) }
  const direction = random.one([
    ['both', 2],
    ['up', 1],
    ['down', 1],
  ] as const)
  // The provider is given up after 3 s of silence.
  return { targets, forMs: between(place === 'provider' ? 4_000 : 2_000, 30_000), direction }
}

const SERVICES = [
  ['agent-orchestrator', 8],
  ['llm-proxy', 8],
  ['persistence', 6],
  ['gateway', 6],
] as const

/** One of a service, or every one: then nobody is left to take over. */
function copies(random: Random, name: string = random.one(SERVICES)): string[] {
  const all = Array.from({ length: COPIES }, (_, index) => `${name}-${index + 1}`)
  return random.next() < 0.2 ? all : [all[random.whole(0, COPIES - 1)]!]
}

/** Those of one copy, of a service, or of everybody. */
function wires(random: Random, place: 'bus' | 'database'): string[] {
  if (place === 'database') return copies(random, 'persistence').map((copy) => `${copy} postgres`)
  const isAll = random.next() < 0.2
  const found = isAll ? SERVICES.flatMap(([name]) => [`${name}-1`, `${name}-2`]) : copies(random)
  return found.map((copy) => `${copy} nats`)
}

const isOfNode = ({ kind }: PlannedFault) => kind === 'node killed' || kind === 'leader killed'

function backMs(kind: FaultKind): number {
  if (kind === 'node killed' || kind === 'leader killed') return NODE_IS_BACK_MS
  return PROCESS_IS_BACK_MS
}

const endOf = ({ atMs, forMs, kind }: PlannedFault) => atMs + forMs + backMs(kind)

function clash(a: PlannedFault, b: PlannedFault): boolean {
  const isSame = (isOfNode(a) && isOfNode(b)) || a.targets.some((target) => b.targets.includes(target))
  return isSame && a.atMs < endOf(b) && b.atMs < endOf(a)
}

function shuffled<Value>(random: Random, values: readonly Value[]): Value[] {
  return values
    .map((value) => [random.next(), value] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, value]) => value)
}
