import { Random } from '../chaos/random.ts'
import type { DescribedApi, DescribedOperation } from '../described/described-api.ts'
import { faultsOfAnswer } from './check-answer.ts'
import { exchange, type Outcome } from './exchange.ts'
import { type KnownThings, learn } from './known-things.ts'
import { mutate } from './mutations.ts'
import type { RawRequest } from './raw-request.ts'
import { validRequest } from './valid-request.ts'

export interface FuzzOptions {
  readonly api: DescribedApi
  readonly port: number
  readonly key: string
  readonly seed: number
  readonly requests: number
  readonly known: KnownThings
  readonly checksContent: boolean
  readonly atOnce?: number
  readonly giveUpMs?: number
  readonly onProgress?: (done: number) => void | Promise<void>
}

export interface Fault {
  /** To be asked for again: `--seed`, and which of its requests. */
  readonly number: number
  readonly operation: string
  readonly mutations: string
  readonly what: string
  readonly request: string
}

export interface Fuzzed {
  readonly faults: Fault[]
  /** How many were answered with which status; or not answered. */
  readonly statuses: Map<string, number>
  readonly slowestMs: number
  readonly slowest: string
}

/** Sends so many requests made of the document and then changed, and looks at every answer. Same seed, same requests. */
export async function fuzz(options: FuzzOptions): Promise<Fuzzed> {
  const { api, seed, requests, atOnce = 16 } = options
  const faults: Fault[] = []
  const statuses = new Map<string, number>()
  let slowestMs = 0
  let slowest = ''
  let next = 0
  const worker = async () => {
    while (next < requests) {
      const number = next++
      // Each has numbers of its own: what it is does not depend on which was answered first.
      const random = new Random(seed * 1_000_003 + number)
      const operation = api.operations[random.whole(0, api.operations.length - 1)]!
      const request = validRequest(operation, options.known, options.key, random)
      if (random.next() < 0.92) mutate(request, random)
      const outcome = await exchange([request, ...followers(request)], {
        port: options.port,
        giveUpMs: options.giveUpMs ?? 20_000,
        streamMs: 30,
      })
      const name = outcome.kind === 'answered' ? String(outcome.answers[0]!.status) : outcome.kind
      statuses.set(name, (statuses.get(name) ?? 0) + 1)
      if (outcome.ms > slowestMs)
        [slowestMs, slowest] = [outcome.ms, `${operation.id} (${request.mutations.join(', ')})`]
      for (const what of judge(options, operation, request, outcome)) {
        faults.push({
          number,
          operation: operation.id,
          mutations: request.mutations.join(', '),
          what,
          request: shown(request),
        })
      }
      await options.onProgress?.(number + 1)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return { faults: faults.toSorted((one, other) => one.number - other.number), statuses, slowestMs, slowest }
}

function followers(request: RawRequest): RawRequest[] {
  return Array.from({ length: request.behind }, () => ({
    ...request,
    method: 'GET',
    target: '/healthz',
    headers: [['host', 'localhost']] as [string, string][],
    version: 'HTTP/1.1',
    body: null,
  }))
}

function judge(options: FuzzOptions, operation: DescribedOperation, request: RawRequest, outcome: Outcome): string[] {
  if (outcome.kind === 'hung') return [`no answer after ${Math.round(outcome.ms)} ms: ${outcome.soFar}`]
  if (outcome.kind === 'no http') return [`no HTTP: ${outcome.soFar}`]
  // After what is no HTTP/1.1 the connection is closed, whatever else is on its way, and that may take the answer along.
  const isOneOnly = request.version !== 'HTTP/1.1' && request.behind > 0
  if (outcome.kind === 'closed') return request.framing === 'cut off' || isOneOnly ? [] : ['closed without an answer']
  const [first] = outcome.answers
  try {
    if (first!.isWhole && first!.status < 300) learn(options.known, JSON.parse(first!.body.toString()))
  } catch {
    // No JSON.
  }
  try {
    return faultsOfAnswer(options.api, operation, request, first!, options.checksContent)
  } catch (error) {
    return [`cannot be read: ${String(error)}`]
  }
}

function shown({ method, target, version, headers, body, framing }: RawRequest): string {
  return JSON.stringify({
    line: short(`${method} ${target} ${version}`),
    headers: headers.map(([name, value]) => short(`${name}: ${value}`)),
    body: body === null ? null : short(body.toString('latin1')),
    framing,
  })
}

const short = (text: string) => (text.length > 300 ? `${text.slice(0, 300)}… (${text.length})` : text)
