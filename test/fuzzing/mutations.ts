import type { Random } from '../chaos/random.ts'
import { mutateBody } from './mutate-body.ts'
import type { RawRequest } from './raw-request.ts'
import { STRANGE_CURSORS, STRANGE_HEADERS, STRANGE_IDS, STRANGE_METHODS, STRANGE_QUERIES } from './strange.ts'

type Mutation = (request: RawRequest, random: Random) => void

const oneOf = <Value>(random: Random, values: readonly Value[]): Value => values[random.whole(0, values.length - 1)]!

const setHeader = (request: RawRequest, name: string, value: string) => {
  request.headers = [...request.headers.filter(([known]) => known.toLowerCase() !== name), [name, value]]
}

/** What may be done to a request, each about as often as its weight says. */
const MUTATIONS: readonly (readonly [name: string, weight: number, mutate: Mutation])[] = [
  ['body', 30, mutateBody],
  [
    'id',
    14,
    (request, random) => {
      const [path = '', ...query] = request.target.split('?')
      const segments = path.split('/')
      segments[random.whole(1, Math.max(1, segments.length - 1))] = oneOf(random, STRANGE_IDS)
      request.target = [segments.join('/'), ...query].join('?')
    },
  ],
  [
    'cursor',
    10,
    (request, random) => {
      const cursor = oneOf(random, STRANGE_CURSORS)
      if (random.next() < 0.4) setHeader(request, 'last-event-id', cursor)
      else
        request.target += `${request.target.includes('?') ? '&' : '?'}${oneOf(random, ['after', 'at', 'before'])}=${encodeURIComponent(cursor)}`
    },
  ],
  [
    'query',
    8,
    (request, random) => {
      request.target += `${request.target.includes('?') ? '&' : '?'}${oneOf(random, STRANGE_QUERIES)}`
    },
  ],
  [
    'header',
    20,
    (request, random) => {
      const [name, value] = oneOf(random, STRANGE_HEADERS)
      if (random.next() < 0.8) setHeader(request, name, value)
      else request.headers.push([name, value])
    },
  ],
  [
    'method',
    4,
    (request, random) => {
      request.method = oneOf(random, STRANGE_METHODS)
    },
  ],
  [
    'version',
    2,
    (request, random) => {
      request.version = oneOf(random, [
        'HTTP/1.0',
        'HTTP/1.0',
        'HTTP/1.0',
        'HTTP/2.0',
        'HTTP/0.9',
        'HTTP/9.9',
        'ICY',
        '',
      ])
    },
  ],
  [
    'framing',
    8,
    (request, random) => {
      request.body ??= Buffer.from('{}')
      request.framing = oneOf(random, ['chunked', 'chunked', 'bad chunks', 'dripped', 'cut off'])
    },
  ],
  [
    'length',
    3,
    (request, random) => {
      setHeader(
        request,
        'content-length',
        oneOf(random, ['0', '-1', '1', '99999999999999999999', '1e3', '5, 5', 'x', '']),
      )
    },
  ],
  [
    'pipelined',
    4,
    (request, random) => {
      request.behind = random.whole(1, 3)
    },
  ],
  [
    'target',
    3,
    (request, random) => {
      const { target } = request
      request.target = oneOf(random, [
        `//${target}`,
        `${target}/`,
        target.toUpperCase(),
        `http://example.com${target}`,
        `${target}#fragment`,
        `${target}\u0000`,
        `/.${target}`,
        `/x/..${target}`,
        target.replaceAll('/', '%2f'),
        target.replaceAll('/', '\\'),
        `${target};a=b`,
        '*',
        '',
        `${target}${'?x'.repeat(3000)}`,
      ])
    },
  ],
]

/** Does one to three things to a request. */
export function mutate(request: RawRequest, random: Random): void {
  const times = random.one([
    [1, 6],
    [2, 3],
    [3, 1],
  ])
  for (let time = 0; time < times; time++) {
    const [name, , change] = random.one(MUTATIONS.map((mutation) => [mutation, mutation[1]] as const))
    change(request, random)
    request.mutations.push(name)
  }
}
