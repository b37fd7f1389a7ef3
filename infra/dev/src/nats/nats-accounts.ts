import {
  askedOfStreams,
  OPERATOR,
  type Party,
  READER,
  type Request,
  REQUESTS,
  type Service,
  SERVICES,
  type Word,
  WORDS,
} from './nats-table.ts'

/** By user, in the server's own language: a word, or a variable. */
export type NatsPasswords = Readonly<Record<Party, string>>

/**
 * What JetStream answers with many messages, and the rest. An account imports single subjects of these; what it does
 * not import is not there for it.
 */
const pulled = '$JS.API.CONSUMER.MSG.NEXT.>'
const streamed = '$JS.API.DIRECT.GET.>'
const answeredOnce = [
  '$JS.API.INFO',
  '$JS.API.STREAM.>',
  '$JS.API.CONSUMER.CREATE.>',
  '$JS.API.CONSUMER.INFO.>',
  '$JS.API.CONSUMER.DELETE.>',
  '$JS.ACK.>',
  'log.>',
  'intake.>',
  'control.>',
  'work.>',
  '$KV.KEYS.>',
  '$O.BLOBS.>',
]

/**
 * The accounts of a nats-server of Spool: one with the streams, and one for each service and for readers of the log,
 * which import from the others what the table says. Not one account with permissions: whoever may ask JetStream
 * anything may say where the answer goes, and so have the server write into any stream of the account, and purge it.
 * The permissions beside them are there so that whoever tries is told.
 */
export function natsAccounts(logs: readonly string[], passwords: NatsPasswords): string {
  const asked = askedOfStreams(logs)
  const others = [...SERVICES, READER] as const
  const forWhom = (subject: string) => accounts(others.filter((who) => asked[who].flat().some(isUnder(subject))))
  const streams = [
    ...answeredOnce.map((subject) => `{ service: "${subject}", accounts: ${forWhom(subject)} }`),
    `{ service: "${pulled}", response_type: stream, accounts: ${forWhom(pulled)} }`,
    `{ service: "${streamed}", ${manyAnswers}, accounts: ${forWhom(streamed)} }`,
  ]
  const operator = account(OPERATOR, [
    'jetstream: enabled',
    `users: [{ user: ${OPERATOR}, password: ${passwords[OPERATOR]} }]`,
    list('exports', [...streams, ...exportsOf(OPERATOR)]),
    list('imports', importsOf(OPERATOR)),
  ])
  const rest = others.map((who) =>
    account(who, [
      ...userOf(who, passwords, asked[who]),
      list('exports', exportsOf(who)),
      list('imports', [
        ...asked[who].map((subjects) =>
          subjects.map((subject) => `{ service: { account: SPOOL, subject: "${subject}" } }`).join('\n      '),
        ),
        ...importsOf(who),
      ]),
    ]),
  )
  return `accounts {\n${[operator, ...rest].join('\n')}\n}\n`
}

/** Of a deployment with so many shards. */
export function logStreams(shards: number): string[] {
  return shards === 1 ? ['LOG'] : Array.from({ length: shards }, (_, shard) => `LOG-${shard}`)
}

/** A reader may listen to anything: there is nothing but what is live. */
function userOf(
  who: Service | typeof READER,
  passwords: NatsPasswords,
  asked: readonly (readonly string[])[],
): readonly string[] {
  const name = `user: ${who}, password: ${passwords[who]}`
  if (who === READER) return [`users: [{ ${name} }]`]
  return [
    `users: [{ ${name}, permissions: {`,
    `  publish: { allow: [\n${lines([...asked, saidBy(who)])}\n      ] }`,
    `  subscribe: { allow: [\n${lines([heardBy(who)])}\n      ] }`,
    '} }]',
  ]
}

/**
 * The server does not know which answer is the last, so it keeps each request in memory: for longer than anybody waits
 * for one, and not for as long as it would by itself. (A pull waits for longer, and there are few.)
 */
const manyAnswers = 'response_type: stream, response_threshold: "30s"'

const isUnder = (pattern: string) => (subject: string) =>
  subject === pattern || (pattern.endsWith('>') && subject.startsWith(pattern.slice(0, -1)))

const accountOf = (who: Party) => who.toUpperCase().replaceAll('-', '_')
const accounts = (parties: readonly Party[]) => `[${parties.map(accountOf).join(', ')}]`

function account(who: Party, parts: readonly string[]): string {
  const body = parts.filter((part) => part !== '').map((part) => `    ${part}`)
  return `  ${accountOf(who)} {\n${body.join('\n')}\n  }`
}

function list(name: string, entries: readonly string[]): string {
  return entries.length === 0 ? '' : `${name}: [\n${entries.map((entry) => `      ${entry}`).join('\n')}\n    ]`
}

/** Commas only within a line: the server takes the end of one for it. */
const lines = (groups: readonly (readonly string[])[]) =>
  groups
    .filter((group) => group.length > 0)
    .map((group) => ' '.repeat(8) + group.map((subject) => `"${subject}"`).join(', '))
    .join('\n')

const askedFromElsewhere = ({ answeredBy, askedBy }: Request) => askedBy.filter((who) => who !== answeredBy)
const heardElsewhere = ({ by, heardBy: hearers }: Word) => hearers.filter((who) => who !== by)

function exportsOf(who: Party): string[] {
  return [
    ...REQUESTS.filter(({ answeredBy }) => answeredBy === who).flatMap((request) => {
      const from = askedFromElsewhere(request)
      if (from.length === 0) return []
      // Each copy of a service answers, and an answer may come in pieces.
      return `{ service: "${request.subject}", ${manyAnswers}, accounts: ${accounts(from)} }`
    }),
    ...WORDS.filter(({ by }) => by === who).map(
      (word) => `{ stream: "${word.subject}", accounts: ${accounts(heardElsewhere(word))} }`,
    ),
  ]
}

function importsOf(who: Party): string[] {
  return [
    ...REQUESTS.filter((request) => askedFromElsewhere(request).includes(who)).map(({ subject, answeredBy, as }) =>
      imported('service', answeredBy, subject, as),
    ),
    ...WORDS.filter((word) => heardElsewhere(word).includes(who)).map(({ subject, by, as }) =>
      imported('stream', by, subject, as),
    ),
  ]
}

function imported(kind: 'service' | 'stream', from: Party, subject: string, as: string | undefined): string {
  const to = as === undefined ? '' : `, to: "${as}"`
  return `{ ${kind}: { account: ${accountOf(from)}, subject: "${subject}" }${to} }`
}

/** Beside what it asks of the streams: what it asks others, what it tells them, and answers. */
function saidBy(who: Service): string[] {
  return distinct([
    ...REQUESTS.filter(({ askedBy }) => askedBy.includes(who)).map(({ subject }) => subject),
    ...WORDS.filter(({ by }) => by === who).map(({ subject }) => subject),
    '_INBOX.>',
    '_R_.>',
  ])
}

function heardBy(who: Service): string[] {
  return distinct([
    '_INBOX.>',
    ...REQUESTS.filter(({ answeredBy }) => answeredBy === who).map(({ subject }) => subject),
    ...WORDS.filter(({ heardBy: hearers }) => hearers.includes(who)).flatMap((word) => [
      ...(word.by === who || word.as === undefined ? [word.subject] : []),
      ...(word.as === undefined ? [] : [word.as]),
    ]),
  ])
}

const distinct = (subjects: readonly string[]) => [...new Set(subjects)]
